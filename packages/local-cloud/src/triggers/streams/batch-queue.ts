import type { LaneSettings } from './lane.ts';
import type { StreamRecord } from './shard-source.ts';
import { belongsTo, type OpenWindow, stateBytes } from './tumbling-window.ts';

/** Records that wait for their first try, and how batches are cut from them. */
export interface BatchQueue {
  push(record: StreamRecord, now: number): void;
  readonly first: StreamRecord | undefined;
  readonly length: number;
  /** When the next batch may start (milliseconds since the epoch); undefined while empty. */
  dueAt(now: number, window: OpenWindow | undefined): number | undefined;
  take(window: OpenWindow | undefined): StreamRecord[];
}

/**
 * A batch starts when it is full, when the batching window has passed since its first record, or
 * when no further record can join it: the payload limit is reached, or its tumbling window is over.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventsourcemapping.html (batching)
 */
export function createBatchQueue(settings: LaneSettings): BatchQueue {
  const queue: { record: StreamRecord; queuedAt: number }[] = [];

  /** How many records fit into one invocation; at least one, however large it is. */
  function batchLength(window: OpenWindow | undefined): number {
    let size = settings.envelopeBytes + (window ? stateBytes(window) : 0);
    let count = 0;
    for (const { record } of queue) {
      size += record.bytes + (count === 0 ? 0 : 1);
      if (count === settings.batchSize) break;
      if (count > 0 && size > settings.maximumPayloadBytes) break;
      if (window && !belongsTo(window, record)) break;
      count += 1;
    }
    return count;
  }

  return {
    push(record, now) {
      queue.push({ record, queuedAt: now });
    },
    get first() {
      return queue[0]?.record;
    },
    get length() {
      return queue.length;
    },
    dueAt(now, window) {
      const [first] = queue;
      if (!first) return undefined;
      if (queue.length >= settings.batchSize || batchLength(window) < queue.length) return now;
      const end = window?.end ?? Number.POSITIVE_INFINITY;
      return Math.min(first.queuedAt + settings.batchWindowMs, end);
    },
    take: (window) => queue.splice(0, batchLength(window)).map(({ record }) => record),
  };
}
