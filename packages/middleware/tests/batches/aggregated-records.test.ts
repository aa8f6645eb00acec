import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isAggregated, userRecordsOf } from '../../src/batches/kpl/user-records.ts';
import { PermanentError } from '../../src/index.ts';
import { aggregate, aggregateOf, deaggregate, sealed } from '../support/aggregates.ts';

const partitionKey = fc.string({ unit: 'binary', maxLength: 128 }).map((key) => `k${key}`);
const produced = fc.record({
  partitionKey,
  explicitHashKey: fc.option(
    fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }).map((key) => `0${key}`),
    { nil: undefined },
  ),
  data: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
});
const withoutNothing = (one: { explicitHashKey?: string | undefined }) =>
  one.explicitHashKey === undefined ? {} : { explicitHashKey: one.explicitHashKey };

describe('what a producer packs', () => {
  test('comes out as it went in, and as AWS takes it apart', () => {
    fc.assert(
      fc.property(fc.array(produced, { minLength: 1, maxLength: 60 }), (records) => {
        const packed = aggregate(
          records.map((one) => ({
            partitionKey: one.partitionKey,
            data: one.data,
            ...withoutNothing(one),
          })),
        );
        expect(isAggregated(packed)).toBe(true);
        const taken = userRecordsOf(packed);
        expect(taken).toEqual(records.map(({ partitionKey, data }) => ({ partitionKey, data })));
        expect(taken).toEqual(
          deaggregate(packed).map(({ partitionKey, data }) => ({
            partitionKey,
            data: Buffer.from(data, 'base64'),
          })),
        );
      }),
    );
  });

  test('may be more than a hundred keys, long data, and keys that look like numbers', () => {
    const keys = Array.from({ length: 300 }, (_, index) => String(299 - index));
    const records = keys.map((_, index) => ({
      partition_key_index: index,
      data: Buffer.alloc(index * 20, index),
    }));
    expect(userRecordsOf(aggregateOf({ partition_key_table: keys, records }))).toEqual(
      keys.map((key, index) => ({ partitionKey: key, data: Buffer.alloc(index * 20, index) })),
    );
  });

  test('may have tags, hash keys and no data at all', () => {
    const packed = aggregateOf({
      partition_key_table: ['\u{feff}a', '나'],
      explicit_hash_key_table: ['0', '340282366920938463463374607431768211455'],
      records: [
        { partition_key_index: 1, explicit_hash_key_index: 1, data: Buffer.alloc(0) },
        { partition_key_index: 0, data: Buffer.from('x'), tags: [{ key: 'trace', value: '7' }] },
      ],
    });
    expect(userRecordsOf(packed)).toEqual([
      { partitionKey: '나', data: Buffer.alloc(0) },
      { partitionKey: '\u{feff}a', data: Buffer.from('x') },
    ]);
  });

  test('may name its keys after the records, and have fields that came later', () => {
    const record = '1a0b 0800 1a0178 d8071d e80701'.replaceAll(' ', '');
    const later = ['a20604deadbeef', 'ad0600000000', 'b1060000000000000000', '0a016b'];
    expect(userRecordsOf(sealed(Buffer.from(record + later.join(''), 'hex')))).toEqual([
      { partitionKey: 'k', data: Buffer.from('x') },
    ]);
  });
});

describe('what is plain', () => {
  const plain: [string, Buffer][] = [
    ['no data', Buffer.alloc(0)],
    ['text', Buffer.from('{"specversion":"1.0","id":"a long enough text"}')],
    ['the magic number alone', Buffer.from('f3899ac2', 'hex')],
    ['the magic number and a checksum, without a message', sealed(Buffer.alloc(0))],
    ['another magic number', Buffer.concat([Buffer.from('f3899ac3', 'hex'), Buffer.alloc(40)])],
  ];
  test.each(plain)('%s', (_, data) => {
    expect(isAggregated(data)).toBe(false);
  });
});

describe('what is damaged is refused whole', () => {
  const whole = aggregate([
    { partitionKey: 'a', data: Buffer.from('first') },
    { partitionKey: 'b', data: Buffer.from('second') },
  ]);
  const message = whole.subarray(4, -16);
  const refusal = (data: Buffer) => {
    try {
      return userRecordsOf(data);
    } catch (error) {
      return error;
    }
  };

  test('any byte of the message or the checksum is another', () => {
    for (let at = 4; at < whole.length; at += 1) {
      const damaged = Buffer.from(whole);
      damaged[at] = (damaged[at] ?? 0) ^ 0x41;
      expect(isAggregated(damaged)).toBe(true);
      expect(refusal(damaged), `byte ${at}`).toMatchObject({ code: 'aggregate_invalid' });
    }
  });

  test('the end is missing', () => {
    for (let length = 21; length < whole.length; length += 1) {
      const cut = whole.subarray(0, length);
      expect(refusal(cut), `${length} bytes`).toBeInstanceOf(PermanentError);
    }
  });

  test('under a right checksum, what is not a message is refused or is all of it records', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ minLength: 1, maxLength: 200 }),
      fc
        .tuple(fc.nat(message.length - 1), fc.nat(255))
        .map(([at, byte]) => message.map((one, index) => (index === at ? byte : one))),
    );
    fc.assert(
      fc.property(bytes, (any) => {
        const outcome = refusal(sealed(any));
        if (Array.isArray(outcome)) {
          expect(outcome.length).toBeGreaterThan(0);
          for (const one of outcome) expect(one.data).toBeInstanceOf(Buffer);
        } else expect(outcome).toMatchObject({ code: 'aggregate_invalid' });
      }),
      { numRuns: 2_000 },
    );
  });

  const x = Buffer.from('x');
  const shapes: [string, Buffer][] = [
    ['no record at all', aggregateOf({ partition_key_table: ['a'], records: [] })],
    [
      'a partition key beyond the table',
      aggregateOf({
        partition_key_table: ['a'],
        records: [{ partition_key_index: 1, data: x }],
      }),
    ],
    [
      'a hash key beyond the table',
      aggregateOf({
        partition_key_table: ['a'],
        records: [{ partition_key_index: 0, explicit_hash_key_index: 0, data: x }],
      }),
    ],
    [
      'an empty partition key',
      aggregateOf({ partition_key_table: [''], records: [{ partition_key_index: 0, data: x }] }),
    ],
    [
      'a partition key of 257 characters',
      aggregateOf({
        partition_key_table: ['😀'.repeat(257)],
        records: [{ partition_key_index: 0, data: x }],
      }),
    ],
    ['a partition key that is no text', sealed(Buffer.from('0a01ff1a0508001a0178', 'hex'))],
    ['a record without data', sealed(Buffer.from('0a01611a020800', 'hex'))],
    ['a record without a key', sealed(Buffer.from('0a01611a031a0178', 'hex'))],
    ['a record that says to be longer than the rest', sealed(Buffer.from('1affffffff0f', 'hex'))],
    ['a number that does not end', sealed(Buffer.from(`0a01611a0d08${'80'.repeat(12)}`, 'hex'))],
    ['field number 0', sealed(Buffer.from('0a01611a0508001a01780000', 'hex'))],
    ['a group', sealed(Buffer.from('0a01611a0508001a01782324', 'hex'))],
    ['a number where records are', sealed(Buffer.from('1801', 'hex'))],
    [
      'more records than anyone packs',
      sealed(
        Buffer.concat([
          Buffer.from('0a0161', 'hex'),
          Buffer.alloc(6 * 20_001, '\u001a\u0004\u0008\u0000\u001a\u0000'),
        ]),
      ),
    ],
  ];
  test.each(shapes)('%s', (_, data) => {
    expect(refusal(data)).toMatchObject({ code: 'aggregate_invalid' });
  });

  test('the most records are taken', () => {
    const most = Buffer.concat([
      Buffer.from('0a0161', 'hex'),
      Buffer.alloc(6 * 20_000, '\u001a\u0004\u0008\u0000\u001a\u0000'),
    ]);
    expect(userRecordsOf(sealed(most))).toHaveLength(20_000);
  });

  test('a key of 256 characters outside the basic plane is taken', () => {
    const key = '😀'.repeat(256);
    const packed = aggregateOf({
      partition_key_table: [key],
      records: [{ partition_key_index: 0, data: x }],
    });
    expect(userRecordsOf(packed)).toEqual([{ partitionKey: key, data: x }]);
  });
});
