import { mkdtempSync, rmSync } from 'node:fs';
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
  return startKinesis({ state, region: 'us-east-1', accountId: '000000000000' });
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
