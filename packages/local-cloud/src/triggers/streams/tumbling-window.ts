import type { StreamRecord } from './shard-source.ts';

/**
 * Tumbling windows: batches of one window of time hand a state from one to the next, and a last
 * invocation without records closes it. What is not written on AWS's page is taken from the
 * comments of its event libraries: an early end goes on with a fresh state in the same window.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-windows.html
 */
export interface OpenWindow {
  /** Milliseconds since the epoch; a record that arrived at `end` is the next window's. */
  readonly start: number;
  readonly end: number;
  /** JSON text of what the function returned last; `{}` at first. */
  readonly state: string;
}

/** What the function is told of its window in one invocation. */
export interface WindowView extends OpenWindow {
  readonly isFinal: boolean;
  readonly isTerminatedEarly: boolean;
}

/** A larger state ends the window early, in bytes of its JSON. */
const MAX_STATE_BYTES = 1024 * 1024;

const FRESH_STATE = '{}';

/** The window that a record belongs to by its arrival; windows are aligned to the epoch. */
export function openWindow(arrivedAt: number, lengthMs: number): OpenWindow {
  const start = Math.floor(arrivedAt / lengthMs) * lengthMs;
  return { start, end: start + lengthMs, state: FRESH_STATE };
}

/** A record that arrived before the window (by a clock that went back) still is the window's. */
export function belongsTo(window: OpenWindow, record: StreamRecord): boolean {
  return record.arrivedAt < window.end;
}

export function withFreshState(window: OpenWindow): OpenWindow {
  return { ...window, state: FRESH_STATE };
}

export function stateBytes(window: OpenWindow): number {
  return Buffer.byteLength(window.state);
}

export function isTooLarge(window: OpenWindow): boolean {
  return window.state.length > MAX_STATE_BYTES / 4 && stateBytes(window) > MAX_STATE_BYTES;
}

/** The JSON of `state` in a response; undefined: AWS takes the invocation for a failed one. */
export function returnedState(payload: unknown): string | undefined {
  if (typeof payload !== 'object' || payload === null || !Object.hasOwn(payload, 'state')) {
    return undefined;
  }
  return JSON.stringify((payload as { state: unknown }).state);
}
