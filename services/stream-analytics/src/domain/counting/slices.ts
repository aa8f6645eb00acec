import { createHash } from 'node:crypto';
import type { MillraceEvent } from '@millrace/types';
import { contributionsOf, type Increment } from './contributions.ts';

/**
 * A part of an event that is counted in one transaction, behind one claim. All events but large
 * readings are one slice.
 */
export interface Slice {
  /** Position of the record in its batch: what has to come again when the slice fails. */
  readonly index: number;
  /** Written with the counts and never twice: the proof that they are in. */
  readonly claim: string;
  readonly increments: readonly Increment[];
}

/**
 * Items per slice. FROZEN: how an event falls into slices must never change while any of its
 * deliveries may still come (the claims' horizon), or parts of it would be counted again under
 * other claims. Anyone who changes it gives the claims another prefix and drains the stream first.
 */
const ITEMS_PER_SLICE = 49;

/** Two events are one when tenant, source and id agree (CloudEvents: source + id is unique). */
export function eventKeyOf(event: MillraceEvent, tenant: string): string {
  const identity = JSON.stringify([tenant, event.source, event.id]);
  return createHash('sha256').update(identity).digest('base64url');
}

/**
 * A reading with 100 metrics and 100 usages touches 201 items, more than the 100 actions of a
 * transaction: it is counted in slices, each exactly once by its own claim `counted#<key>#<n>`.
 */
export function slicesOf(
  event: MillraceEvent,
  tenant: string,
  index: number,
  key = eventKeyOf(event, tenant),
): Slice[] {
  const contributions = contributionsOf(event, tenant);
  const slices: Slice[] = [];
  for (let start = 0; start < contributions.length; start += ITEMS_PER_SLICE) {
    slices.push({
      index,
      claim: start === 0 ? `counted#${key}` : `counted#${key}#${start / ITEMS_PER_SLICE}`,
      increments: contributions.slice(start, start + ITEMS_PER_SLICE),
    });
  }
  return slices;
}
