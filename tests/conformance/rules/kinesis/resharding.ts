import { deepEqual, equal, ok } from 'node:assert/strict';
import { MergeShardsCommand, type Shard, UpdateShardCountCommand } from '@aws-sdk/client-kinesis';
import type { Rule } from '../../rule.ts';
import { refusal } from '../expectations.ts';
import { pages } from './pages.ts';

const [FIRST, SECOND, THIRD] = [0, 1, 2].map((n) => `shardId-00000000000${n}`) as [
  string,
  string,
  string,
];

const isOpen = ({ SequenceNumberRange }: Shard) =>
  SequenceNumberRange?.EndingSequenceNumber === undefined;

/** Whether the ranges follow one another from 0 to the last hash key without a gap. */
function expectWholeRange(shards: readonly Shard[]): void {
  const ranges = shards
    .map(({ HashKeyRange }) => [
      BigInt(HashKeyRange?.StartingHashKey ?? 0),
      BigInt(HashKeyRange?.EndingHashKey ?? 0),
    ])
    .sort(([a = 0n], [b = 0n]) => (a < b ? -1 : 1));
  let expected = 0n;
  for (const [start, end = 0n] of ranges) {
    equal(start, expected);
    expected = end + 1n;
  }
  equal(expected, 2n ** 128n);
}

export const resharding: readonly Rule[] = [
  {
    id: 'kinesis/a-split-closes-the-shard-for-two-children',
    title: 'SplitShard closes the shard; two children name it as parent and share its hash keys',
    page: pages.split,
    async run(stage) {
      const stream = await stage.stream();
      await stream.split(FIRST);
      const { Shards = [] } = await stream.describe();
      deepEqual(
        Shards.map((shard) => [shard.ShardId, shard.ParentShardId, isOpen(shard)]),
        [
          [FIRST, undefined, false],
          [SECOND, FIRST, true],
          [THIRD, FIRST, true],
        ],
      );
      expectWholeRange(Shards.filter(isOpen));
    },
  },
  {
    id: 'kinesis/a-merge-closes-two-shards-for-one-child',
    title: 'MergeShards closes two adjacent shards; the child names both',
    page: pages.merge,
    async run(stage) {
      const stream = await stage.stream(2);
      await stream.merge(FIRST, SECOND);
      const { Shards = [] } = await stream.describe();
      const [child, ...others] = Shards.filter(isOpen);
      equal(others.length, 0);
      deepEqual([child?.ParentShardId, child?.AdjacentParentShardId].sort(), [FIRST, SECOND]);
      expectWholeRange(Shards.filter(isOpen));
    },
  },
  {
    id: 'kinesis/only-adjacent-shards-merge',
    title: 'MergeShards refuses shards that are not adjacent',
    page: pages.merge,
    async run(stage) {
      const { name: StreamName } = await stage.stream(3);
      const merge = new MergeShardsCommand({
        StreamName,
        ShardToMerge: FIRST,
        AdjacentShardToMerge: THIRD,
      });
      equal((await refusal(stage.clients.kinesis.send(merge))).code, 'InvalidArgumentException');
    },
  },
  {
    id: 'kinesis/update-shard-count-scales-uniformly',
    title: 'UpdateShardCount scales to as many shards of equal size',
    page: pages.scale,
    async run(stage) {
      const stream = await stage.stream(2);
      await stage.clients.kinesis.send(
        new UpdateShardCountCommand({
          StreamName: stream.name,
          TargetShardCount: 4,
          ScalingType: 'UNIFORM_SCALING',
        }),
      );
      const open = await stage.eventually('four open shards', async () => {
        const { StreamStatus, Shards = [] } = await stream.describe();
        const shards = Shards.filter(isOpen);
        return StreamStatus === 'ACTIVE' && shards.length === 4 ? shards : undefined;
      });
      expectWholeRange(open);
      const sizes = open.map(({ HashKeyRange }) =>
        Number(
          BigInt(HashKeyRange?.EndingHashKey ?? 0) - BigInt(HashKeyRange?.StartingHashKey ?? 0),
        ),
      );
      ok(Math.max(...sizes) / Math.min(...sizes) < 1.001, `sizes ${sizes}`);
    },
  },
];
