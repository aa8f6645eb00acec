import { hash } from 'node:crypto';
import { minuteOf } from '@millrace/types';
import type { Incoming } from './pipeline.ts';

/**
 * Of SHA-256: among the 10⁹ events that a log could ever hold, two meet by chance with a probability
 * of 10⁻¹¹. FROZEN, as is everything in this file: a delivery of an event that was processed is known
 * by what is made here.
 */
const DIGEST_BYTES = 12;
const DIGEST_CHARACTERS = (DIGEST_BYTES / 3) * 4;

/**
 * Two events are one when tenant, source and id agree and they tell the same minute of event time
 * (CloudEvents: source + id is unique; what is sent again is the same event, so its time is too).
 *
 * @param slice which part of an event that is too large for one transaction.
 * @returns `DIGEST_BYTES` bytes in base64: 16 characters, and what is joined is base64 again.
 */
export function digestOf({ event, tenant }: Incoming, slice = 0): string {
  const identity = JSON.stringify([tenant, event.source, event.id, slice]);
  return hash('sha256', identity, 'base64').slice(0, DIGEST_CHARACTERS);
}

/** The log in which a pipeline notes an event: one per tenant and minute of event time. */
export function logOf(pipeline: string, { event, tenant }: Incoming): string {
  return `${tenant}#${pipeline}#${minuteOf(event.time)}`;
}

export function digestsToBytes(digests: readonly string[]): Uint8Array {
  return Buffer.from(digests.join(''), 'base64');
}

export function digestsOfBytes(bytes: Uint8Array): string[] {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
  const digests: string[] = [];
  for (let at = 0; at < text.length; at += DIGEST_CHARACTERS) {
    digests.push(text.slice(at, at + DIGEST_CHARACTERS));
  }
  return digests;
}

/** RFC 3339, to the minute. */
export function minuteOfLog(log: string): string {
  return log.slice(log.lastIndexOf('#') + 1);
}
