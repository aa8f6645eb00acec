import type { Unit } from './chunk.ts';
import { type Effects, NOTHING } from './effects.ts';
import { digestOf } from './identity.ts';
import type { Incoming } from './pipeline.ts';

export interface Slice {
  readonly unit: Unit;
  readonly effects: Effects;
}

/**
 * Observations per slice: with three windows each, and a log, they fit into one transaction. FROZEN:
 * how an event falls into slices must never change while a delivery of it may still come, or parts of
 * it would be counted again under other digests.
 */
const OBSERVATIONS_PER_SLICE = 32;

/**
 * A reading with 100 metrics and 100 usages touches 201 items, more than a transaction holds: it is
 * stored in slices, each once by its own digest. All other events are one slice. The order of names in
 * an event's JSON must not matter, so observations are sorted.
 */
export function slicesOf(effects: Effects, unit: Unit, incoming: Incoming): Slice[] {
  const { counted, documents } = effects;
  if (counted.length <= OBSERVATIONS_PER_SLICE) return [{ unit, effects }];
  const sorted = counted.toSorted((a, b) => (a.group < b.group ? -1 : a.group > b.group ? 1 : 0));
  const slices: Slice[] = [];
  for (let start = 0; start < sorted.length; start += OBSERVATIONS_PER_SLICE) {
    const nth = start / OBSERVATIONS_PER_SLICE;
    const part = sorted.slice(start, start + OBSERVATIONS_PER_SLICE);
    slices.push({
      unit: { ...unit, digest: nth === 0 ? unit.digest : digestOf(incoming, nth) },
      effects: {
        states: NOTHING,
        documents: nth === 0 ? documents : NOTHING,
        counted: part,
      },
    });
  }
  return slices;
}
