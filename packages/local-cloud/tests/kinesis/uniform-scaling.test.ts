import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { OpenShard } from '../../src/kinesis/hash-range.ts';
import { nextStep } from '../../src/kinesis/uniform-scaling.ts';

const END = 2n ** 128n - 1n;
const hex = (key: bigint) => key.toString(16).padStart(32, '0');

/** The shards after the step, as the engine would make them. */
function apply(shards: OpenShard[], target: number): OpenShard[] | undefined {
  const step = nextStep(shards, target);
  if (!step) return undefined;
  const one = shards.find(({ shardId }) => shardId === step.shardId);
  if (!one) throw new Error('a step names a shard that is not open');
  const others = shards.filter((shard) => shard !== one);
  const fresh = `${one.shardId}'`;
  if (step.kind === 'split') {
    // The engine takes no hash key that leaves a shard of one key.
    expect(step.at).toBeGreaterThan(BigInt(`0x${one.from}`) + 1n);
    expect(step.at).toBeLessThan(BigInt(`0x${one.to}`));
    const lower = { shardId: `${fresh}a`, from: one.from, to: hex(step.at - 1n) };
    return [...others, lower, { shardId: `${fresh}b`, from: hex(step.at), to: one.to }];
  }
  const adjacent = others.find(({ shardId }) => shardId === step.adjacentId);
  expect(adjacent?.from).toBe(hex(BigInt(`0x${one.to}`) + 1n));
  const rest = others.filter((shard) => shard !== adjacent);
  return [...rest, { shardId: fresh, from: one.from, to: adjacent?.to ?? '' }];
}

it('comes to shards of equal size from any division, in few steps', () => {
  const cuts = fc.uniqueArray(fc.bigInt({ min: 2n ** 70n, max: END - 2n ** 70n }), {
    maxLength: 12,
    comparator: (a, b) => (a > b ? a - b : b - a) < 2n ** 70n,
  });
  fc.assert(
    fc.property(cuts, fc.integer({ min: 1, max: 20 }), (inner, target) => {
      const starts = [0n, ...inner.toSorted((a, b) => (a < b ? -1 : 1))];
      let shards = starts.map((from, index): OpenShard => {
        const to = (starts[index + 1] ?? END + 1n) - 1n;
        return { shardId: `${index}`, from: hex(from), to: hex(to) };
      });
      let steps = 0;
      for (let next = apply(shards, target); next; next = apply(shards, target)) {
        shards = next;
        steps += 1;
      }
      expect(steps).toBeLessThanOrEqual(starts.length + target);
      expect(shards).toHaveLength(target);
      const sorted = shards.toSorted((a, b) => (a.from < b.from ? -1 : 1));
      expect(sorted.at(0)?.from).toBe(hex(0n));
      expect(sorted.at(-1)?.to).toBe(hex(END));
      for (const { from, to } of sorted) {
        const size = Number(BigInt(`0x${to}`) - BigInt(`0x${from}`) + 1n);
        expect(size / (2 ** 128 / target)).toBeCloseTo(1, 9);
      }
    }),
  );
});

it('leaves a stream alone that is divided as wanted, with whatever rounding', () => {
  const third = (END + 1n) / 3n;
  const shards = [
    { shardId: 'a', from: hex(0n), to: hex(third) },
    { shardId: 'b', from: hex(third + 1n), to: hex(2n * third + 1n) },
    { shardId: 'c', from: hex(2n * third + 2n), to: hex(END) },
  ];
  expect(nextStep(shards, 3)).toBeUndefined();
});
