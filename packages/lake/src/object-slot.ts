import { createHash } from 'node:crypto';

/**
 * Which rows share an object of the lake. A finer grid gives smaller objects and fewer writers that
 * meet at one. To be changed only while the stream is drained: the same row must find the same
 * object again.
 */
export interface Grid {
  /** A divisor of a day. */
  readonly seconds: number;
  /** Objects side by side in the same seconds. */
  readonly lanes: number;
}

export const MINUTE: Grid = { seconds: 60, lanes: 1 };

/**
 * The day and the object of it: `dt=2026-11-23/0941-0.parquet` (UTC).
 *
 * @param laneKey what has equal ones lies in the same lane.
 */
export function objectSlot({ seconds, lanes }: Grid, time: Date, laneKey: () => string): string {
  const step = seconds * 1000;
  const start = new Date(Math.floor(time.getTime() / step) * step).toISOString();
  const at = start.slice(11, seconds % 60 === 0 ? 16 : 19).replaceAll(':', '');
  const lane = lanes === 1 ? 0 : laneOf(laneKey(), lanes);
  return `dt=${start.slice(0, 10)}/${at}-${lane}.parquet`;
}

function laneOf(key: string, lanes: number): number {
  return createHash('sha256').update(key).digest().readUInt32BE(0) % lanes;
}
