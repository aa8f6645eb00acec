import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Distinct, Quantiles, TopTerms } from '../src/index.ts';
import { randomOf } from './random.ts';

const KINDS = { Quantiles, Distinct, TopTerms };
const NAMES = Object.keys(KINDS) as (keyof typeof KINDS)[];

function sketchOf(name: keyof typeof KINDS, size: number) {
  const random = randomOf(size + 1);
  const numbers = Array.from({ length: size }, () => 1_000 * random.normal());
  const texts = numbers.map((_, nth) => `${nth % 5 === 0 ? 'naïve' : '값'} ${random.zipf(nth)}`);
  if (name === 'Quantiles') {
    const sketch = new Quantiles();
    for (const number of [0, 1e12, ...numbers]) sketch.add(number);
    return sketch;
  }
  const sketch = name === 'Distinct' ? new Distinct() : new TopTerms(20);
  for (const text of texts) sketch.add(text);
  return sketch;
}

/** With a checksum that is right again. */
function sealed(bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice();
  const end = copy.length - 4;
  new DataView(copy.buffer).setUint32(end, crc32(copy.subarray(0, end)));
  return copy;
}

const SIZES = [0, 1, 3, 40, 6_000];

describe.each(NAMES)('bytes of %s', (name) => {
  const all = SIZES.map((size) => sketchOf(name, size).toBytes());

  it('give what made them', () => {
    for (const bytes of all) expect(KINDS[name].fromBytes(bytes).toBytes()).toEqual(bytes);
  });

  it('are read from the middle of others', () => {
    for (const bytes of all) {
      const longer = new Uint8Array(bytes.length + 7);
      longer.set(bytes, 3);
      const part = longer.subarray(3, 3 + bytes.length);
      expect(KINDS[name].fromBytes(part).toBytes()).toEqual(bytes);
    }
  });

  it('are refused when any one is another', () => {
    for (const bytes of all) {
      for (let at = 0; at < bytes.length; at += 1) {
        const wrong = bytes.slice();
        wrong[at] = (bytes[at] ?? 0) ^ (1 + (at % 255));
        expect(() => KINDS[name].fromBytes(wrong)).toThrow(RangeError);
      }
    }
  });

  it('are refused when cut short, longer, or of another kind', () => {
    for (const bytes of all) {
      const step = Math.ceil(bytes.length / 50);
      for (let length = 0; length < bytes.length; length += step) {
        expect(() => KINDS[name].fromBytes(bytes.subarray(0, length))).toThrow(RangeError);
      }
      const longer = new Uint8Array([...bytes, 0]);
      expect(() => KINDS[name].fromBytes(longer)).toThrow(RangeError);
      for (const other of NAMES.filter((one) => one !== name)) {
        expect(() => KINDS[other].fromBytes(bytes)).toThrow(RangeError);
      }
    }
  });

  it('with a right checksum are refused, or the only form of what they give', () => {
    const edit = fc.record({ at: fc.nat(), byte: fc.integer({ min: 0, max: 255 }) });
    const edits = fc.record({
      base: fc.constantFrom(...all),
      changed: fc.array(edit, { maxLength: 4 }),
      inserted: fc.option(edit),
      cut: fc.option(fc.nat()),
    });
    let refused = 0;
    const property = fc.property(edits, ({ base, changed, inserted, cut }) => {
      const bytes = [...base];
      for (const { at, byte } of changed) bytes[1 + (at % (bytes.length - 1))] = byte;
      if (inserted) bytes.splice(1 + (inserted.at % bytes.length), 0, inserted.byte);
      if (cut !== null && bytes.length > 6) bytes.splice(1 + (cut % (bytes.length - 5)), 1);
      const wrong = sealed(Uint8Array.from(bytes));
      try {
        expect(KINDS[name].fromBytes(wrong).toBytes()).toEqual(wrong);
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        refused += 1;
      }
    });
    fc.assert(property, { numRuns: 2_000 });
    expect(refused).toBeGreaterThan(100);
  });

  it('that are anything are refused with a RangeError', () => {
    const formats = { Quantiles: 0x11, Distinct: 0x21, TopTerms: 0x31 };
    const property = fc.property(fc.uint8Array({ maxLength: 100 }), (rest) => {
      const wrong = sealed(Uint8Array.from([formats[name], ...rest, 0, 0, 0, 0]));
      try {
        expect(KINDS[name].fromBytes(wrong).toBytes()).toEqual(wrong);
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
      }
    });
    fc.assert(property, { numRuns: 2_000 });
  });
});

it('of Quantiles with extremes of nothing are refused', () => {
  const bytes = [0x11, 0, ...new Uint8Array(16), 0, 0, 0, 0, 0, 0];
  expect(() => Quantiles.fromBytes(sealed(Uint8Array.from(bytes)))).toThrow(RangeError);
});

it.each([
  ['a good one', false, [2, 5, 2, 1, 97, 3, 5, 1, 98, 1, 0]],
  ['an error beyond the bound', true, [2, 5, 1, 1, 97, 3, 6]],
  ['an error as great as the count', true, [2, 5, 1, 1, 97, 0, 5]],
  ['a term twice', true, [2, 5, 2, 1, 97, 3, 0, 1, 97, 3, 0]],
  ['terms out of order', true, [2, 5, 2, 1, 98, 3, 0, 1, 97, 3, 0]],
  ['more terms than its capacity', true, [1, 5, 2, 1, 97, 3, 0, 1, 98, 3, 0]],
])('of TopTerms with %s are refused: %s', (_, isRefused, rest) => {
  const read = () => TopTerms.fromBytes(sealed(Uint8Array.from([0x31, ...rest, 0, 0, 0, 0])));
  if (isRefused) expect(read).toThrow(RangeError);
  else expect(read().top(1)).toEqual([{ term: 'a', count: 8, error: 5 }]);
});

/** As they lie in tables. Other bytes need another first byte, and these must still be read. */
describe('bytes of version 1', () => {
  it('of Quantiles are made', () => {
    const sketch = new Quantiles();
    for (const value of [-12.5, 0, 0, 1e-9, 0.2, 0.2, 0.21, 1e15]) sketch.add(value);
    expectStored(
      sketch,
      '1102c029000000000000430c6bf52634000001bfb90201801080b6020100ef0102000101008c0e0138634be5',
    );
  });

  it('of Distinct are made', () => {
    const sketch = new Distinct();
    for (const member of ['ann', 'bob', '김철수', '', 'x'.repeat(40)]) sketch.add(member);
    expectStored(sketch, '2100050028cfc78805d69de402f8e2bf05f6c5676ea7819e');
  });

  it('of TopTerms are made', () => {
    const sketch = new TopTerms(3);
    for (const term of ['a', 'b', 'b', '한', '한', '한']) sketch.add(term);
    expectStored(sketch, '31030003016101000162020003ed959c0300b09cb5db');
  });

  function expectStored(sketch: { toBytes(): Uint8Array }, stored: string): void {
    expect(Buffer.from(sketch.toBytes()).toString('hex')).toBe(stored);
  }
});
