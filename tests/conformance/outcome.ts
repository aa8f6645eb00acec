import { AssertionError } from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Referee } from './referee.ts';
import { NotObservable, NotOffered, type Rule } from './rule.ts';
import { openStage } from './stage/stage.ts';
import type { Subject } from './subjects/subject.ts';

export type Outcome =
  | { readonly kind: 'holds' }
  | { readonly kind: 'fails' | 'not offered' | 'not observable'; readonly reason: string };

const LIMIT_MS = 60_000;

/** How implementations say that they do not have a call. */
const UNKNOWN_CALL = new Set([
  'UnknownOperationException',
  'UnknownOperation',
  'NotImplemented',
  'NotImplementedException',
  'InvalidAction',
  'UnsupportedOperation',
  'UnsupportedOperationException',
]);

/** Asks one rule of one implementation. Never rejects. */
export async function judge(rule: Rule, subject: Subject, referee: Referee): Promise<Outcome> {
  const ending = new AbortController();
  const limitMs = rule.limitMs ?? LIMIT_MS;
  const { stage, close } = openStage(subject, referee, ending.signal);
  const late = sleep(limitMs, undefined, { signal: ending.signal }).then((): never => {
    throw new Error(`it took more than ${limitMs / 1000} s`);
  });
  try {
    await Promise.race([rule.run(stage), late]);
    return { kind: 'holds' };
  } catch (error) {
    return outcomeOf(error);
  } finally {
    late.catch(() => undefined);
    ending.abort();
    await close();
  }
}

function outcomeOf(error: unknown): Outcome {
  const { name, message, $metadata } = error as Error & { $metadata?: { httpStatusCode?: number } };
  const reason = oneLine(seenInstead(error) ?? (message || name));
  if (error instanceof NotObservable) return { kind: 'not observable', reason };
  const unknown = UNKNOWN_CALL.has(name) || $metadata?.httpStatusCode === 501;
  if (unknown || error instanceof NotOffered) return { kind: 'not offered', reason };
  return { kind: 'fails', reason: $metadata ? `${name}: ${reason}` : reason };
}

/** Values that differ, shorter than the assertion tells them. */
function seenInstead(error: unknown): string | undefined {
  if (!(error instanceof AssertionError) || !error.generatedMessage) return undefined;
  if (error.operator === 'match') return `saw ${String(error.actual)}, not ${error.expected}`;
  return `saw ${JSON.stringify(error.actual)}, not ${JSON.stringify(error.expected)}`;
}

function oneLine(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > 300 ? `${line.slice(0, 299)}…` : line;
}
