import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type OutgoingRecord, sendRecords } from '../../src/index.ts';

const records = (count: number, bytes = 10): OutgoingRecord[] =>
  Array.from({ length: count }, (_, n) => ({
    partitionKey: `key-${n}`,
    data: Buffer.alloc(bytes, String(n % 10)),
  }));

/** A stream in virtual time that refuses by a script: each request takes the next line of it. */
function scriptedStream(refuses: (record: OutgoingRecord, request: number) => string | undefined) {
  const requests: OutgoingRecord[][] = [];
  const taken: OutgoingRecord[] = [];
  const waits: number[] = [];
  return {
    requests,
    taken,
    waits,
    options: {
      put: async (batch: readonly OutgoingRecord[]) => {
        requests.push([...batch]);
        return batch.map((record) => {
          const code = refuses(record, requests.length);
          if (code === undefined) taken.push(record);
          return code;
        });
      },
      sleep: async (ms: number) => void waits.push(ms),
      random: () => 0.5,
    },
  };
}

describe('sendRecords', () => {
  test('sends again only what was refused', async () => {
    const [a, b, c] = records(3);
    const stream = scriptedStream((record, request) =>
      request === 1 && record === b ? 'ProvisionedThroughputExceededException' : undefined,
    );
    expect(await sendRecords(records(0), stream.options)).toEqual([]);
    expect(
      await sendRecords(
        [a, b, c].flatMap((one) => one ?? []),
        stream.options,
      ),
    ).toEqual([]);
    expect(stream.requests).toEqual([[a, b, c], [b]]);
    expect(stream.taken).toEqual([a, c, b]);
  });

  test('waits twice as long each time, at most two seconds, by chance less', async () => {
    const stream = scriptedStream(() => 'ProvisionedThroughputExceededException');
    await sendRecords(records(1), stream.options);
    expect(stream.waits).toEqual([25, 50, 100, 200, 400, 800, 1000]);
  });

  test('tells which records were not taken after the last attempt, and why', async () => {
    const stream = scriptedStream(({ partitionKey }) =>
      partitionKey === 'key-1' ? 'InternalFailure' : undefined,
    );
    expect(await sendRecords(records(3), { ...stream.options, attempts: 3 })).toEqual([
      { index: 1, code: 'InternalFailure' },
    ]);
    expect(stream.requests).toHaveLength(3);
  });

  test('a request that failed as a whole is tried again', async () => {
    let calls = 0;
    const stream = scriptedStream(() => undefined);
    const unsent = await sendRecords(records(2), {
      ...stream.options,
      put: async (batch) => {
        calls += 1;
        if (calls === 1) throw Object.assign(new Error('reset'), { code: 'ECONNRESET' });
        return await stream.options.put(batch);
      },
    });
    expect(unsent).toEqual([]);
    expect(stream.taken).toHaveLength(2);
  });

  test('gives up when there is no time for another attempt', async () => {
    const stream = scriptedStream(() => 'ProvisionedThroughputExceededException');
    const unsent = await sendRecords(records(1), {
      ...stream.options,
      hasTimeFor: (ms) => ms < 100,
    });
    expect(unsent).toEqual([{ index: 0, code: 'ProvisionedThroughputExceededException' }]);
    expect(stream.waits).toEqual([25, 50]);
  });

  test('a request holds at most 500 records and 5 MiB', async () => {
    const many = scriptedStream(() => undefined);
    await sendRecords(records(1_201), many.options);
    expect(many.requests.map((request) => request.length)).toEqual([500, 500, 201]);
    const large = scriptedStream(() => undefined);
    await sendRecords(records(11, 1024 * 1024 - 100), large.options);
    expect(large.requests.map((request) => request.length)).toEqual([5, 5, 1]);
  });

  test('whatever is refused when, each record is taken once or told as unsent', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.boolean(), { maxLength: 8 }), { maxLength: 30 }),
        async (scripts) => {
          const tries = new Map<string, number>();
          const stream = scriptedStream(({ partitionKey }) => {
            const attempt = tries.get(partitionKey) ?? 0;
            tries.set(partitionKey, attempt + 1);
            return scripts[Number(partitionKey.slice(4))]?.[attempt] ? 'Throttled' : undefined;
          });
          const unsent = await sendRecords(records(scripts.length), {
            ...stream.options,
            attempts: 4,
          });
          const expected = scripts.flatMap((script, index) =>
            script.slice(0, 4).filter(Boolean).length === 4 ? [index] : [],
          );
          expect(unsent.map(({ index }) => index)).toEqual(expected);
          expect(new Set(stream.taken).size).toBe(stream.taken.length);
          expect(stream.taken).toHaveLength(scripts.length - expected.length);
        },
      ),
    );
  });
});
