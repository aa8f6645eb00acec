import { PermanentError } from '@millrace/middleware';
import { describeViolations, validate } from '@millrace/types';
import * as z from 'zod/mini';
import type { Work } from '../domain/ports.ts';

export const VersionMessage = z.object({
  bucket: z.string(),
  key: z.string(),
  happenedAt: z.string(),
  sequencer: z.string(),
  order: z.string(),
  eTag: z.string(),
  size: z.int(),
});

const WorkMessage = z.object({
  version: VersionMessage,
  kind: z.string(),
  mediaType: z.string(),
  types: z.object({
    kind: z.optional(z.string()),
    declaredType: z.optional(z.string()),
    detectedType: z.optional(z.string()),
    typeMismatch: z.optional(z.boolean()),
  }),
  again: z.optional(z.boolean()),
  seenAt: z.optional(z.string()),
  waits: z.optional(z.int()),
});

/** @throws PermanentError `work_invalid` */
export function parseWork(body: string): Work {
  const work = validate(WorkMessage, parseJson(body));
  if (work.ok) return work.value as Work;
  throw new PermanentError(
    'work_invalid',
    `This is no work on an upload: ${describeViolations(work.violations)}`,
  );
}

/** What any message of our queues has, whoever it is for. */
export function versionIn(body: string) {
  const message = validate(z.object({ version: VersionMessage }), parseJson(body));
  return message.ok ? message.value.version : undefined;
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
