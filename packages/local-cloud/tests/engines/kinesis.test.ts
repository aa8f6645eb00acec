import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { startKinesis } from '../../src/engines/kinesis.ts';
import { type CloudState, openState } from '../../src/state.ts';

let dir: string;
let state: CloudState;

afterEach(() => {
  state.close();
  rmSync(dir, { recursive: true, force: true });
});

function start() {
  dir = mkdtempSync(join(tmpdir(), 'millrace-kinesis-'));
  state = openState(dir);
  return startAgain();
}

const startAgain = () => startKinesis({ state, region: 'us-east-1', accountId: '000000000000' });

async function createStream(engine: ReturnType<typeof start>, StreamName: string): Promise<void> {
  await engine.call('CreateStream', { StreamName, ShardCount: 1 });
  await expect.poll(() => statusOf(engine, StreamName)).toBe('ACTIVE');
}

async function statusOf(engine: ReturnType<typeof start>, StreamName: string): Promise<unknown> {
  const { body } = await engine.call('DescribeStreamSummary', { StreamName });
  const summary = body.StreamDescriptionSummary as { StreamStatus: string } | undefined;
  return summary?.StreamStatus ?? body.__type;
}

describe('closing the engine', () => {
  it('answers what was under way first, instead of reading a closed database', async () => {
    const engine = start();
    const StreamName = 'events';
    await engine.call('CreateStream', { StreamName, ShardCount: 1 });
    await new Promise((resolve) => setTimeout(resolve, 50));
    const place = { StreamName, ShardId: 'shardId-000000000000' };
    const { body } = await engine.call('GetShardIterator', {
      ...place,
      ShardIteratorType: 'TRIM_HORIZON',
    });
    const reads = Array.from({ length: 40 }, () =>
      engine.call('GetRecords', { ShardIterator: body.ShardIterator }),
    );
    await engine.close();
    expect((await Promise.all(reads)).map(({ status }) => status)).toEqual(reads.map(() => 200));
  });
});

it('has no stream that a kill left between two states', async () => {
  const before = start();
  for (const name of ['created', 'split', 'deleted']) await createStream(before, name);
  await before.close();
  await leaveBehind({ created: 'CREATING', split: 'UPDATING', deleted: 'DELETING' });
  const engine = startAgain();
  expect(await statusOf(engine, 'split')).toBe('ACTIVE');
  expect(await statusOf(engine, 'created')).toBe('ResourceNotFoundException');
  expect(await statusOf(engine, 'deleted')).toBe('ResourceNotFoundException');
  await createStream(engine, 'created');
  await engine.close();
});

/** Writes into the engine's database what it holds between the two steps of a transition. */
async function leaveBehind(states: Record<string, string>): Promise<void> {
  const { create } = createRequire(import.meta.resolve('../../src/engines/kinesis.ts'))(
    'kinesalite/db',
  );
  const { db, metaDb } = create({ path: join(dir, 'kinesis') });
  for (const [name, StreamStatus] of Object.entries(states)) {
    await metaDb.put(name, { ...(await metaDb.get(name)), StreamStatus });
  }
  await db.close();
}
