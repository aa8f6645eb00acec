import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { murmur128 } from '../src/distinct/murmur.ts';
import { Distinct } from '../src/index.ts';
import { shareOut, sharingOf } from './sharing-out.ts';

function distinctOf(members: Iterable<string>): Distinct {
  const sketch = new Distinct();
  for (const member of members) sketch.add(member);
  return sketch;
}

function* membersOf(seed: number, from: number, to: number): Generator<string> {
  for (let nth = from; nth < to; nth += 1) yield `${seed}/${nth}`;
}

const SIZES = [1_025, 1_500, 3_000, 5_000, 10_000, 20_000, 50_000, 100_000];

function errorsAt(sizes: readonly number[], seed: number): number[] {
  const sketch = new Distinct();
  let before = 0;
  return sizes.map((size) => {
    for (const member of membersOf(seed, before, size)) sketch.add(member);
    before = size;
    return sketch.estimate() / size - 1;
  });
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

describe('distinct members', () => {
  it('are all but exact up to 1,024, in less than 1 kB up to 300', () => {
    for (let seed = 0; seed < 20; seed += 1) {
      for (const size of [0, 1, 10, 100, 300, 1_024]) {
        const sketch = distinctOf(membersOf(seed, 0, size));
        expect(Math.abs(sketch.estimate() - size)).toBeLessThanOrEqual(size > 300 ? 1 : 0);
        if (size <= 300) expect(sketch.toBytes().length).toBeLessThan(1_000);
      }
    }
  });

  it('are within 1.6 % (standard error) beyond, without bias at any size', () => {
    const bySeed = Array.from({ length: 40 }, (_, seed) => errorsAt(SIZES, seed));
    SIZES.forEach((_, at) => {
      const errors = bySeed.map((all) => all[at] ?? Number.NaN);
      expect(Math.sqrt(meanOf(errors.map((error) => error ** 2)))).toBeLessThan(0.02);
      // Three standard errors of a mean of 40.
      expect(Math.abs(meanOf(errors))).toBeLessThan((3 * 0.01625) / Math.sqrt(40));
      expect(Math.max(...errors.map(Math.abs))).toBeLessThan(4 * 0.01625);
    });
  });

  it('are within 4.9 % of a million, in 3,078 bytes', () => {
    for (const seed of [1, 2, 3]) {
      const sketch = distinctOf(membersOf(seed, 0, 1_000_000));
      expect(Math.abs(sketch.estimate() / 1_000_000 - 1)).toBeLessThan(0.049);
      expect(sketch.toBytes().length).toBe(3_078);
    }
  });

  it('that come again change nothing', () => {
    for (const size of [500, 5_000]) {
      const sketch = distinctOf(membersOf(1, 0, size));
      const once = sketch.toBytes();
      for (const member of membersOf(1, 0, size)) sketch.add(member);
      expect(sketch.merge(sketch).toBytes()).toEqual(once);
    }
  });

  it('have the same bytes in whatever order they come and sketches are merged', () => {
    // Around the border between the two forms, on which the merged sketches lie on either side.
    const members = fc.nat({ max: 3_000 }).map((nth) => `member ${nth}`);
    const property = fc.property(sharingOf(members, 2_500), (sharing) => {
      const shared = shareOut(sharing, {
        empty: () => new Distinct(),
        fromBytes: Distinct.fromBytes,
        add: (sketch, member) => sketch.add(member),
      });
      expect(shared.toBytes()).toEqual(distinctOf(sharing.things).toBytes());
    });
    fc.assert(property, { numRuns: 100 });
  });

  it('of many small sketches make the same registers as one by one', () => {
    // So many that some hashes have no 1 in the bits that the sparse form keeps of all.
    const merged = new Distinct();
    for (let from = 0; from < 200_000; from += 1_000) {
      const part = distinctOf(membersOf(1, from, from + 1_000));
      expect(part.toBytes().length).toBeLessThan(3_078);
      merged.merge(from % 2_000 === 0 ? part : Distinct.fromBytes(part.toBytes()));
    }
    expect(merged.toBytes()).toEqual(distinctOf(membersOf(1, 0, 200_000)).toBytes());
  });

  it('may be any text, of any length', () => {
    const texts = [
      '',
      ' ',
      '\0',
      'é',
      'e\u0301',
      '한국어',
      '😀',
      'x'.repeat(5_000),
      'x'.repeat(5_001),
    ];
    expect(distinctOf(texts).estimate()).toBe(texts.length);
  });

  it('are hashed as text of any length alike, whether or not it fits the buffer', () => {
    const members = [1_364, 1_365, 1_366, 4_096].map((length) => '가'.repeat(length));
    expect(distinctOf([...members, ...members]).estimate()).toBe(members.length);
  });

  it('are hashed by MurmurHash3 x86_128, by the verification value of its own test suite', () => {
    const hash = new Uint32Array(4);
    const key = new Uint8Array(256).map((_, at) => at);
    const hashes = new DataView(new ArrayBuffer(256 * 16));
    for (let length = 0; length < 256; length += 1) {
      murmur128(new DataView(key.buffer), length, 256 - length, hash);
      hash.forEach((word, at) => {
        hashes.setUint32(length * 16 + at * 4, word, true);
      });
    }
    murmur128(hashes, hashes.byteLength, 0, hash);
    expect(hash[0]).toBe(0xb3ece62a);
  });
});
