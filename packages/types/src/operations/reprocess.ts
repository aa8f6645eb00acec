import * as z from 'zod/mini';

/** Which verdicts are to be replaced: of an older processor, failures, or every one. */
export const RedoScope = z.enum(['outdated', 'failed', 'all']);
export type RedoScope = z.infer<typeof RedoScope>;

/** A record as it was seen: what is done again is this and nothing newer. */
export const SeenFile = z.object({
  tenant: z.string(),
  fileId: z.string(),
  /** The record's `sequencer`. */
  order: z.string(),
  /** The record's `updatedAt`. */
  seenAt: z.string(),
});
export type SeenFile = z.infer<typeof SeenFile>;

/** What the function `reprocessUploads` of file-processing is invoked with, by operators. */
export const ReprocessRequest = z.discriminatedUnion('action', [
  z.object({
    action: z.literal('find'),
    /** Of the objects' keys. */
    prefix: z.string(),
    scope: RedoScope,
    kind: z.optional(z.string()),
    cursor: z.optional(z.string()),
  }),
  z.object({
    action: z.literal('redo'),
    files: z.array(SeenFile).check(z.minLength(1), z.maxLength(25)),
  }),
  z.object({
    action: z.literal('look'),
    files: z.array(SeenFile).check(z.minLength(1), z.maxLength(100)),
  }),
]);
export type ReprocessRequest = z.infer<typeof ReprocessRequest>;

/** A page of files that are to be done again. */
export interface FoundFiles {
  readonly files: readonly (SeenFile & {
    readonly key: string;
    readonly status: string;
    readonly kind?: string;
    readonly processorVersion?: number;
  })[];
  /** Where the next page goes on; absent on the last. */
  readonly cursor?: string;
}

/** By the order of the files in the request. */
export interface RedoneFiles {
  /** `changed`: its record is not as it was seen, so that nothing was done. */
  readonly outcomes: readonly ('queued' | 'rejected' | 'changed')[];
}

/** By the order of the files in the request. */
export interface LookedFiles {
  /** `waiting`: no new verdict yet; `gone`: replaced or removed meanwhile. */
  readonly states: readonly ('waiting' | 'ready' | 'rejected' | 'failed' | 'gone')[];
}
