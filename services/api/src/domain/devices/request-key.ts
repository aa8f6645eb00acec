import { createHash } from 'node:crypto';

/** What is kept of an Idempotency-Key, which is the caller's own. */
export function digestOfKey(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}
