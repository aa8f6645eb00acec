import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PermanentError, processInOrder, TransientError } from '../../src/index.ts';

type Fate = 'succeeds' | 'permanent' | 'transient' | 'bug' | 'cannot-be-put-aside';
interface Sample {
  readonly key: string;
  readonly sequence: string;
  readonly fate: Fate;
  /** Turns of the event loop that processing takes. */
  readonly turns: number;
}

const permanent = (fate: Fate) => fate === 'permanent' || fate === 'cannot-be-put-aside';

/** Runs a batch and notes what was begun, finished and put aside, in order. */
async function run(
  records: readonly Sample[],
  options: { concurrency?: number; hasTimeLeft?: () => boolean } = {},
) {
  const begun: Sample[] = [];
  const done: Sample[] = [];
  const putAside: Sample[] = [];
  let inFlight = 0;
  let mostInFlight = 0;
  const response = await processInOrder(records, {
    keyOf: ({ key }) => key,
    sequenceOf: ({ sequence }) => sequence,
    process: async (record) => {
      begun.push(record);
      inFlight += 1;
      mostInFlight = Math.max(mostInFlight, inFlight);
      for (let turn = 0; turn < record.turns; turn++) await new Promise(setImmediate);
      inFlight -= 1;
      if (permanent(record.fate)) throw new PermanentError('bad_record', 'It is bad.');
      if (record.fate === 'transient') throw new TransientError('busy', 'Try again.');
      if (record.fate === 'bug') throw new TypeError('x is undefined');
      done.push(record);
    },
    onPermanent: async (record) => {
      if (record.fate === 'cannot-be-put-aside')
        throw new TransientError('busy', 'Table throttled.');
      putAside.push(record);
    },
    ...options,
  });
  return { response, begun, done, putAside, mostInFlight };
}

/** What must be true, written down as simply as it can be. */
function model(records: readonly Sample[]) {
  const stopped = new Set<string>();
  const begun: Sample[] = [];
  const undone: Sample[] = [];
  for (const record of records) {
    if (stopped.has(record.key)) {
      undone.push(record);
      continue;
    }
    begun.push(record);
    if (record.fate !== 'succeeds' && record.fate !== 'permanent') {
      stopped.add(record.key);
      undone.push(record);
    }
  }
  const lowest = undone.map(({ sequence }) => BigInt(sequence)).sort((a, b) => (a < b ? -1 : 1))[0];
  return { begun, lowest };
}

const batches = fc
  .array(
    fc.record({
      key: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
      gap: fc.oneof(fc.bigInt(0n, 3n), fc.bigInt(0n, 10n ** 30n)),
      fate: fc.oneof(
        { weight: 6, arbitrary: fc.constant<Fate>('succeeds') },
        {
          weight: 2,
          arbitrary: fc.constantFrom<Fate>('permanent', 'transient', 'bug', 'cannot-be-put-aside'),
        },
      ),
      turns: fc.nat(3),
    }),
    { maxLength: 40 },
  )
  .map((steps) => {
    let sequence = 1n;
    return steps.map(({ gap, ...record }): Sample => {
      sequence += gap;
      return { ...record, sequence: String(sequence) };
    });
  });

const identifierOf = (lowest: bigint | undefined) =>
  lowest === undefined ? [] : [{ itemIdentifier: String(lowest) }];

describe('processInOrder', () => {
  test('equals the model for random keys, failures and timing', async () => {
    await fc.assert(
      fc.asyncProperty(batches, fc.integer({ min: 1, max: 8 }), async (records, concurrency) => {
        const expected = model(records);
        const { response, begun, done, putAside, mostInFlight } = await run(records, {
          concurrency,
        });
        expect(response.batchItemFailures).toEqual(identifierOf(expected.lowest));
        for (const key of new Set(records.map((record) => record.key))) {
          expect(begun.filter((record) => record.key === key)).toEqual(
            expected.begun.filter((record) => record.key === key),
          );
        }
        expect(mostInFlight).toBeLessThanOrEqual(concurrency);
        // What Lambda will checkpoint as done is done.
        for (const record of records) {
          if (expected.lowest === undefined || BigInt(record.sequence) < expected.lowest) {
            expect(done.includes(record) || putAside.includes(record)).toBe(true);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  test('delivered again from the reported record, as Lambda does, every record is finished', async () => {
    await fc.assert(
      fc.asyncProperty(batches, async (records) => {
        const finished = new Set<string>();
        const healed = new Set<string>();
        const delivered = (from: bigint) =>
          records
            .filter(({ sequence }) => BigInt(sequence) >= from)
            .map((one): Sample => (healed.has(one.sequence) ? { ...one, fate: 'succeeds' } : one));
        let from: bigint | undefined = 0n;
        while (from !== undefined) {
          const { response, done, putAside } = await run(delivered(from));
          for (const { key, sequence } of [...done, ...putAside])
            finished.add(`${key} ${sequence}`);
          const reported = response.batchItemFailures[0]?.itemIdentifier;
          // What failed succeeds the next time; so no record is reported twice.
          expect(healed.has(reported ?? '')).toBe(false);
          if (reported !== undefined) healed.add(reported);
          from = reported === undefined ? undefined : BigInt(reported);
        }
        for (const { key, sequence } of records) expect(finished).toContain(`${key} ${sequence}`);
      }),
      { numRuns: 100 },
    );
  });

  const record = (key: string, sequence: string, fate: Fate = 'succeeds', turns = 0): Sample => ({
    key,
    sequence,
    fate,
    turns,
  });

  test('reports the lowest failed sequence number, not the first that failed', async () => {
    const { response } = await run([
      record('slow', '9', 'transient', 5),
      record('quick', '10', 'transient'),
    ]);
    expect(response).toEqual({ batchItemFailures: [{ itemIdentifier: '9' }] });
  });

  test('a poison record does not hold up its key', async () => {
    const { response, done, putAside } = await run([
      record('a', '1', 'permanent'),
      record('a', '2'),
    ]);
    expect(response).toEqual({ batchItemFailures: [] });
    expect(putAside.map(({ sequence }) => sequence)).toEqual(['1']);
    expect(done.map(({ sequence }) => sequence)).toEqual(['2']);
  });

  test('a poison record that cannot be put aside is retried and holds up its key', async () => {
    const { response, begun } = await run([
      record('a', '1', 'cannot-be-put-aside'),
      record('a', '2'),
    ]);
    expect(response).toEqual({ batchItemFailures: [{ itemIdentifier: '1' }] });
    expect(begun.map(({ sequence }) => sequence)).toEqual(['1']);
  });

  test('with no time left begins nothing more and reports the lowest that was not begun', async () => {
    let asked = 0;
    const { response, done } = await run(
      [record('a', '1'), record('b', '2'), record('a', '3'), record('b', '4')],
      { concurrency: 1, hasTimeLeft: () => ++asked <= 1 },
    );
    expect(done.map(({ sequence }) => sequence)).toEqual(['1']);
    expect(response).toEqual({ batchItemFailures: [{ itemIdentifier: '2' }] });
  });

  test('an empty batch succeeds', async () => {
    expect((await run([])).response).toEqual({ batchItemFailures: [] });
  });
});
