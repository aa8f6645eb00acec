import { describe, expect, it } from 'vitest';
import { edgePath, placeShards } from '../../src/page/browser/shard-tree.ts';
import type { ShardStatus } from '../../src/ports.ts';

const shard = (shardId: string, ...parents: string[]): ShardStatus => ({
  ...{
    shardId,
    parents,
    state: 'reading',
    checkpoint: null,
    iteratorAgeMs: 0,
    inFlight: 0,
    pending: 0,
    attempts: 0,
  },
});
const places = (...shards: ShardStatus[]) =>
  placeShards(shards).map(({ shard: { shardId }, lane }) => `${shardId}@${lane}`);

describe('the tree of shards', () => {
  it('keeps shards that are no relatives in one lane', () => {
    expect(places(shard('0'), shard('1'), shard('2'))).toEqual(['0@0', '1@0', '2@0']);
  });

  it('goes on with the first child in its parent’s lane, through generations', () => {
    expect(places(shard('0'), shard('1', '0'), shard('2', '0'), shard('3', '1'))).toEqual([
      '0@0',
      '1@0',
      '2@1',
      '3@0',
    ]);
  });

  it('brings merged parents together in the lane of the first', () => {
    expect(places(shard('0'), shard('1'), shard('2', '0', '1'))).toEqual(['0@0', '1@1', '2@0']);
  });

  it('puts parents first, however they are listed, and each family together', () => {
    expect(places(shard('c', 'a'), shard('x'), shard('a'))).toEqual(['a@0', 'c@0', 'x@0']);
  });

  it('draws no line to a parent that has left the stream', () => {
    expect(placeShards([shard('5', '1')])).toMatchObject([{ lane: 0, parents: [] }]);
  });

  it('shows every shard once even where parents go in a circle', () => {
    expect(places(shard('a', 'b'), shard('b', 'a'))).toHaveLength(2);
  });

  it('leaves the lane at once after a split and at the end before a merge', () => {
    const placed = placeShards([
      shard('0'),
      shard('1', '0'),
      shard('2', '0'),
      shard('3', '1', '2'),
    ]);
    const [zero, one, two, three] = placed;
    if (!zero || !one || !two || !three) throw new Error('four shards were placed');
    const scale = { laneWidth: 10, bend: 8, y: (id: string) => Number(id) * 20 };
    expect(edgePath(zero, one, scale)).toBe('M5 0V20');
    expect(edgePath(zero, two, scale)).toBe('M5 0C5 4 15 4 15 8V40');
    expect(edgePath(two, three, scale)).toBe('M15 40V52C15 56 5 56 5 60');
  });
});
