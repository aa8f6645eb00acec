import { expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { createShardLimits } from '../../src/kinesis/shard-limits.ts';

const MIB = 1024 * 1024;

function limitsAt(start = Date.UTC(2026, 0, 1)) {
  let now = start;
  const limits = createShardLimits({ ...systemClock, now: () => now }, '000000000000');
  return {
    limits,
    pass: (ms: number) => {
      now += ms;
    },
    write: (bytes: number, shardId = 'shardId-000000000000') =>
      limits.admit('events', { partitionKey: 'k', shardId, bytes })?.code,
    read: (shardId = 'shardId-000000000000') => limits.read('events', shardId)?.code,
  };
}

const EXCEEDED = 'ProvisionedThroughputExceededException';

it('takes 1 MiB a second into a shard, and no byte more', () => {
  const { write, pass } = limitsAt();
  expect(write(MIB / 2)).toBeUndefined();
  expect(write(MIB / 2)).toBeUndefined();
  expect(write(1)).toBe(EXCEEDED);
  pass(500);
  expect(write(MIB / 2 + 1)).toBe(EXCEEDED);
  expect(write(MIB / 2)).toBeUndefined();
  pass(60_000);
  // What was not used is not saved up.
  expect(write(MIB)).toBeUndefined();
  expect(write(1)).toBe(EXCEEDED);
});

it('takes 1,000 records a second into a shard, however small', () => {
  const { write, pass } = limitsAt();
  const taken = Array.from({ length: 1_500 }, () => write(10)).filter((code) => !code);
  expect(taken).toHaveLength(1_000);
  pass(10);
  expect(Array.from({ length: 20 }, () => write(10)).filter((code) => !code)).toHaveLength(10);
});

it('counts every shard by itself, and uses nothing up for what it refuses', () => {
  const { limits, write, pass } = limitsAt();
  expect(write(MIB, 'shardId-000000000001')).toBeUndefined();
  expect(write(MIB, 'shardId-000000000002')).toBeUndefined();
  for (let n = 0; n < 5_000; n++) expect(write(MIB, 'shardId-000000000001')).toBe(EXCEEDED);
  pass(1_000);
  expect(write(MIB, 'shardId-000000000001')).toBeUndefined();
  const [record] = [{ partitionKey: 'k', shardId: 'shardId-000000000001', bytes: 1 }];
  expect(limits.admit('events', record)?.message).toBe(
    'Rate exceeded for shard shardId-000000000001 in stream events under account 000000000000.',
  );
});

it('gives 5 reads and 2 MiB a second; 10 MiB at once close the shard for five seconds', () => {
  const { limits, read, pass } = limitsAt();
  expect(Array.from({ length: 6 }, () => read())).toEqual([...Array(5).fill(undefined), EXCEEDED]);
  pass(1_000);
  expect(read()).toBeUndefined();
  limits.answered('events', 'shardId-000000000000', 10 * MIB);
  pass(3_900);
  expect(read()).toBe(EXCEEDED);
  pass(200);
  expect(read()).toBeUndefined();
});

it('is not thrown off by a clock that is set back', () => {
  const { write, pass } = limitsAt();
  expect(write(MIB)).toBeUndefined();
  pass(-3_600_000);
  expect(write(MIB)).toBe(EXCEEDED);
  pass(1_000);
  expect(write(MIB)).toBeUndefined();
});

it('forgets shards that are idle: a meter that is full says nothing', () => {
  const { write, pass } = limitsAt();
  for (let shard = 0; shard < 5_000; shard++) {
    expect(write(MIB, `shardId-${shard}`)).toBeUndefined();
    pass(10);
  }
  // The last ones are still remembered.
  expect(write(MIB, 'shardId-4999')).toBe(EXCEEDED);
});
