import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type CloudState, openState } from '../../src/state.ts';
import type { RunningTrigger } from '../../src/triggers/running-trigger.ts';
import { createCheckpointStore } from '../../src/triggers/streams/checkpoint-store.ts';
import { startStreamMapping } from '../../src/triggers/streams/mapping.ts';
import type { ShardDescription } from '../../src/triggers/streams/shard-source.ts';
import { STREAM_ARN, streamTrigger } from './rig.ts';
import { scriptedRecord } from './scripted-shard.ts';
import { createVirtualClock, type VirtualClock } from './virtual-clock.ts';

const PARENT = 'shardId-000000000000';
const CHILD = 'shardId-000000000001';
const split: readonly ShardDescription[] = [
  { shardId: PARENT, parents: [], closed: true },
  { shardId: CHILD, parents: [PARENT], closed: false },
];
const withoutParent = split.slice(1);

let dir: string;
let state: CloudState;
let clock: VirtualClock;
let listed: readonly ShardDescription[];
let functionIsUp: boolean;
let invocations: number;
let mapping: RunningTrigger;

/** A mapping of a stream whose first shard was split: each shard holds one record. */
function start(): RunningTrigger {
  return startStreamMapping({
    id: 'mapping',
    trigger: streamTrigger(),
    source: {
      kind: 'kinesis',
      pollIntervalMs: 1_000,
      idlePollIntervalMs: 1_000,
      readLimit: 10,
      keepsShardsOverIdentities: false,
      describe: async () => ({ identity: 'i', streamArn: STREAM_ARN, retentionMs: 86_400_000 }),
      listShards: async () => [...listed],
      latest: async () => ({ kind: 'trim-horizon' }),
      accepts: () => true,
      open(shardId, position) {
        const records = position.kind === 'after' ? [] : [scriptedRecord(1, clock.now(), 0)];
        return {
          read: async () => ({ records: records.splice(0), ended: shardId === PARENT }),
        };
      },
    },
    checkpoints: createCheckpointStore(state),
    clock,
    invoker: {
      async invoke() {
        if (!functionIsUp) return { kind: 'unavailable' };
        invocations += 1;
        return { kind: 'success', payload: null, requestId: 'r' };
      },
    },
    sink: { send: async () => undefined },
    log: { info: () => undefined, warn: () => undefined },
    isAvailable: () => functionIsUp,
  });
}

async function stop(): Promise<void> {
  const stopped = mapping.stop(1_000);
  await clock.advance(2_000);
  await stopped;
}

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'millrace-gone-shards-'));
  state = openState(dir);
  clock = createVirtualClock();
  listed = split;
  functionIsUp = true;
  invocations = 0;
});
afterEach(async () => {
  await stop();
  state.close();
  rmSync(dir, { recursive: true });
});

const shards = () => mapping.status().shards.map((shard) => `${shard.shardId} ${shard.state}`);

it('shows a shard that was read to its end while the stream lists it, and no longer', async () => {
  mapping = start();
  await clock.advance(30_000);
  expect(shards()).toEqual([`${PARENT} ended`, `${CHILD} reading`]);
  listed = withoutParent;
  await clock.advance(30_000);
  expect(shards()).toEqual([`${CHILD} reading`]);
  await stop();
  mapping = start();
  await clock.advance(30_000);
  expect(shards()).toEqual([`${CHILD} reading`]);
  expect(invocations).toBe(2);
});

it('keeps a shard that is no longer listed, and its child waiting, until what was read of it is done', async () => {
  functionIsUp = false;
  mapping = start();
  await clock.advance(1_000);
  listed = withoutParent;
  await clock.advance(60_000);
  expect(shards()).toEqual([`${PARENT} draining`, `${CHILD} waiting-for-parent`]);
  expect(invocations).toBe(0);
  functionIsUp = true;
  mapping.resume();
  await clock.advance(30_000);
  expect(invocations).toBe(2);
  expect(shards()).toEqual([`${CHILD} reading`]);
});

it('forgets nothing by the empty list of a stream that is being deleted', async () => {
  mapping = start();
  await clock.advance(30_000);
  listed = [];
  await clock.advance(30_000);
  listed = split;
  await clock.advance(30_000);
  expect(shards()).toEqual([`${PARENT} ended`, `${CHILD} reading`]);
  expect(invocations).toBe(2);
});
