import { describe, expect, it } from 'vitest';
import type { Invoke } from '../../src/dead-letters/invoke.ts';
import type { StreamReader, StreamRecord } from '../../src/dead-letters/read-range.ts';
import { type ReplayPorts, replayRange } from '../../src/dead-letters/replay-range.ts';

const record = (n: number): StreamRecord => ({
  sequenceNumber: String(n),
  event: { kinesis: { sequenceNumber: String(n), data: 'x'.repeat(10) } },
});

/** A shard of the records from `first` to `last`, `size` a page, every second page empty. */
function shard(first: number, last: number, size = 7): StreamReader {
  return {
    async iterator(_, from, isAfter) {
      return String(Math.max(first, Number(from) + (isAfter ? 1 : 0)));
    },
    async page(_, iterator) {
      if (iterator.startsWith('empty')) {
        return { records: [], next: iterator.slice(5), isAtEnd: false };
      }
      const from = Number(iterator);
      const count = Math.max(0, Math.min(size, last - from + 1));
      const records = Array.from({ length: count }, (_, n) => record(from + n));
      return { records, next: `empty${from + count}`, isAtEnd: count === 0 };
    },
  };
}

const range = (first: number, last: number) => ({
  ...{ streamArn: 'arn:aws:kinesis:us-east-1:0:stream/events', shardId: 'shardId-0' },
  ...{ first: String(first), last: String(last) },
});

function run(reader: StreamReader, invoke: Invoke, more: Partial<ReplayPorts> = {}) {
  const { signal } = new AbortController();
  const ports = { reader, invoke, signal, pace: async () => {}, hold: async () => {} };
  return replayRange('f', range(10, 40), { ...ports, onDone: () => {}, ...more });
}

const numbersOf = (event: unknown) =>
  (event as { Records: { kinesis: { sequenceNumber: string } }[] }).Records.map(({ kinesis }) =>
    Number(kinesis.sequenceNumber),
  );
const all = Array.from({ length: 31 }, (_, n) => 10 + n);

describe('a range of a stream', () => {
  it('is handed over whole and in order, and nothing beside it', async () => {
    const seen: number[] = [];
    const outcome = await run(shard(1, 100), async (_, event) => {
      seen.push(...numbersOf(event));
      return { kind: 'answered', payload: { batchItemFailures: [] } };
    });
    expect([outcome, seen]).toEqual([{ outcome: 'accepted' }, all]);
  });

  it('goes on from the record that a partial answer names', async () => {
    const done: number[] = [];
    let turn = 0;
    const outcome = await run(shard(1, 100), async (_, event) => {
      const numbers = numbersOf(event);
      turn += 1;
      const failed = turn % 2 === 1 && numbers.length > 1 ? numbers[1] : undefined;
      done.push(...numbers.filter((n) => failed === undefined || n < failed));
      const failures = failed === undefined ? [] : [{ itemIdentifier: String(failed) }];
      return { kind: 'answered', payload: { batchItemFailures: failures } };
    });
    expect([outcome, done]).toEqual([{ outcome: 'accepted' }, all]);
  });

  it.each([
    ['throws', { kind: 'failed', reason: 'table away' } as const, 'table away'],
    [
      'answers what is no record of it',
      { kind: 'answered', payload: { batchItemFailures: [{ itemIdentifier: 'x' }] } } as const,
      'the function wants it again',
    ],
  ])(
    'stays at the record at which the function %s, with all before it done',
    async (_, answer, why) => {
      const done: number[] = [];
      const outcome = await run(shard(1, 100), async (_, event) => {
        const numbers = numbersOf(event);
        if (numbers.includes(23)) return answer;
        done.push(...numbers);
        return { kind: 'answered', payload: null };
      });
      expect(outcome).toEqual({ outcome: 'failed', reason: `at record 23: ${why}` });
      expect(done).toEqual(all.slice(0, 13));
    },
  );

  it.each([
    ['its beginning', shard(20, 100), 'the first records have left the stream: it begins at 20'],
    ['all of it', shard(60, 100), 'all records have left the stream'],
    ['its stream', shard(1, 0), 'all records have left the stream'],
  ])('of which %s is gone is not begun', async (_, reader, reason) => {
    const invoke = () => Promise.reject(new Error('invoked'));
    expect(await run(reader, invoke)).toEqual({ outcome: 'trimmed', reason });
  });

  it('whose shard is gone says so', async () => {
    const gone = Object.assign(new Error('Shard is not there'), {
      name: 'ResourceNotFoundException',
    });
    const reader = { ...shard(1, 100), iterator: () => Promise.reject(gone) };
    const invoke = () => Promise.reject(new Error('invoked'));
    const reason = 'the records have left the stream (Shard is not there)';
    expect(await run(reader, invoke)).toEqual({ outcome: 'trimmed', reason });
  });

  it('is cut into invocations of 4.5 MB, and stops between them', async () => {
    const large: StreamReader = {
      iterator: async (_, from) => from,
      page: async () => ({
        records: all.map((n) => ({
          ...record(n),
          event: { kinesis: { sequenceNumber: String(n), data: 'x'.repeat(1_000_000) } },
        })),
        ...{ next: undefined, isAtEnd: true },
      }),
    };
    const sizes: number[] = [];
    const stop = new AbortController();
    const invoke: Invoke = async (_, event) => {
      sizes.push(numbersOf(event).length);
      if (sizes.length === 3) stop.abort();
      return { kind: 'answered', payload: null };
    };
    expect(await run(large, invoke, { signal: stop.signal })).toEqual({ outcome: 'stopped' });
    expect(sizes).toEqual([4, 4, 4]);
  });
});
