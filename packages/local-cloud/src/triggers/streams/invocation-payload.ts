import type { StreamRecord } from './shard-source.ts';
import type { WindowView } from './tumbling-window.ts';

/** What every event of a shard names. */
export interface EventPlace {
  readonly shardId: string;
  readonly streamArn: string;
}

/**
 * The event of one invocation as JSON text: the records, and for a mapping with tumbling windows
 * what AWS tells of the window, in its order of keys.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-windows.html
 */
export function invocationPayload(
  records: readonly StreamRecord[],
  place: EventPlace,
  window: WindowView | undefined,
): string {
  const list = `"Records":[${records.map((record) => record.json).join(',')}]`;
  if (!window) return `{${list}}`;
  const bounds = { start: instant(window.start), end: instant(window.end) };
  const flags = {
    shardId: place.shardId,
    eventSourceARN: place.streamArn,
    isFinalInvokeForWindow: window.isFinal,
    isWindowTerminatedEarly: window.isTerminatedEarly,
  };
  const rest = JSON.stringify(flags).slice(1);
  return `{${list},"window":${JSON.stringify(bounds)},"state":${window.state},${rest}`;
}

/** Bytes of the event around its records, and around its state if there are windows. */
export function envelopeBytes(place: EventPlace, windows: boolean): number {
  const window = { start: 0, end: 0, state: '', isFinal: false, isTerminatedEarly: false };
  return Buffer.byteLength(invocationPayload([], place, windows ? window : undefined));
}

/** As AWS writes the bounds of a window, in whole seconds. */
const instant = (milliseconds: number) =>
  new Date(milliseconds).toISOString().replace(/\.000Z$/, 'Z');
