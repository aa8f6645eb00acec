import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { InvokeResult } from '../../src/ports.ts';
import { type CloudState, openState } from '../../src/state.ts';
import { createCheckpointStore } from '../../src/triggers/streams/checkpoint-store.ts';
import { startStreamMapping } from '../../src/triggers/streams/mapping.ts';
import type { ShardSource, StreamRecord } from '../../src/triggers/streams/shard-source.ts';
import { makeRecords } from './records.ts';
import { DEAD_LETTERS_ARN, STREAM_ARN, streamTrigger } from './rig.ts';
import { createVirtualClock } from './virtual-clock.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

let dir: string;
let state: CloudState;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'millrace-week-'));
  state = openState(dir);
  // Durability is tested elsewhere: here 20,000 steps are to be quick.
  state.db.exec('PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF');
});
afterEach(() => {
  state.close();
  rmSync(dir, { recursive: true });
});

/** One open shard that holds these records and keeps them as long as the service does. */
function shardOf(kind: 'kinesis' | 'dynamodb', records: StreamRecord[], retentionMs: number) {
  const source: ShardSource = {
    ...{ kind, pollIntervalMs: HOUR, idlePollIntervalMs: HOUR, readLimit: 100 },
    keepsShardsOverIdentities: false,
    accepts: () => true,
    describe: async () => ({ identity: 'stream', streamArn: STREAM_ARN, retentionMs }),
    listShards: async () => [{ shardId: 'shardId-000000000000', parents: [], closed: false }],
    latest: async () => ({ kind: 'trim-horizon' }),
    open: () => ({ read: async () => ({ records: records.splice(0), ended: false }) }),
  };
  return source;
}

it.each([
  ['kinesis', 7 * DAY],
  ['dynamodb', DAY],
] as const)(
  'a poison record with default settings blocks a shard of %s until its retention ends, and no longer',
  async (kind, retentionMs) => {
    const clock = createVirtualClock();
    const startedAt = clock.now();
    const records = makeRecords(2, { arrivedAt: startedAt }).map((record, index) => ({
      ...record,
      arrivedAt: startedAt + index * HOUR,
    }));
    const [poison] = records;
    const tries: number[] = [];
    let healthyAt: number | undefined;
    const sent: { target: string; body: Record<string, unknown> }[] = [];
    const mapping = startStreamMapping({
      id: 'mapping',
      trigger: streamTrigger({
        ...{ kind, batchSize: 1, maximumRetryAttempts: -1, maximumRecordAgeSeconds: -1 },
      }),
      source: shardOf(kind, [...records], retentionMs),
      checkpoints: createCheckpointStore(state),
      clock,
      invoker: {
        async invoke(_name, payload): Promise<InvokeResult> {
          if (!payload.includes(poison?.json ?? '')) {
            healthyAt = clock.now();
            return { kind: 'success', payload: null, requestId: 'ok' };
          }
          tries.push(clock.now());
          return { kind: 'function-error', payload: null, requestId: 'failed', timedOut: false };
        },
      },
      sink: {
        async send(target, body) {
          sent.push({ target, body: JSON.parse(body) as Record<string, unknown> });
        },
      },
      log: { info: () => undefined, warn: () => undefined },
      isAvailable: () => true,
    });

    const before = performance.now();
    await clock.advanceUntil(() => healthyAt !== undefined, 8 * DAY);
    const realMs = performance.now() - before;
    await clock.advance(0);
    const status = mapping.status();
    await mapping.stop(0);

    expect(healthyAt).toBe(startedAt + retentionMs);
    expect(tries.length).toBeGreaterThan(retentionMs / 31_000);
    expect(Math.max(...tries)).toBeLessThan(startedAt + retentionMs);
    expect(status).toMatchObject({ delivered: 1, discarded: 1, retried: tries.length });
    expect(sent).toMatchObject([
      {
        target: DEAD_LETTERS_ARN,
        body: {
          requestContext: {
            condition: 'RecordAgeExceeded',
            approximateInvokeCount: tries.length,
          },
        },
      },
    ]);
    // Seven days in less than two seconds on an idle machine; this one may be busy.
    expect(realMs).toBeLessThan(20_000);
  },
);
