import { Distinct, Quantiles, TopTerms } from '@millrace/sketches';
import type { MetricDetail } from '@millrace/types';
import type { StoredDetails } from './analytics-store.ts';
import type { SeenValues } from './cells.ts';

/** What is kept of a window after more was seen of it. */
export function withSeen(
  before: StoredDetails | undefined,
  { values, members, terms }: SeenValues,
  kept: readonly MetricDetail[],
): StoredDetails {
  const version = (before?.version ?? 0) + 1;
  return {
    version,
    ...(kept.includes('extremes') && extremes(before, values)),
    ...(kept.includes('quantiles') && {
      quantiles: grown(before?.quantiles, Quantiles, (sketch) => {
        for (const value of values) sketch.add(value);
      }),
    }),
    ...(kept.includes('distinct') && {
      distinct: grown(before?.distinct, Distinct, (sketch) => {
        for (const member of members) sketch.add(member);
      }),
    }),
    ...(kept.includes('top') && {
      top: grown(before?.top, TopTerms, (sketch) => {
        for (const [term, times] of terms) sketch.add(term, times);
      }),
    }),
  };
}

function extremes(before: StoredDetails | undefined, values: readonly number[]) {
  let { min, max } = before ?? {};
  for (const value of values) {
    if (min === undefined || value < min) min = value;
    if (max === undefined || value > max) max = value;
  }
  return { ...(min !== undefined && { min }), ...(max !== undefined && { max }) };
}

interface SketchKind<S> {
  new (): S;
  fromBytes(bytes: Uint8Array): S;
}

function grown<S extends { toBytes(): Uint8Array }>(
  stored: Uint8Array | undefined,
  kind: SketchKind<S>,
  add: (sketch: S) => void,
): Uint8Array {
  const sketch = stored ? kind.fromBytes(stored) : new kind();
  add(sketch);
  return sketch.toBytes();
}
