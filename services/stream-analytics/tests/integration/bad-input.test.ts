import { createHash } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import { S3Client } from '@aws-sdk/client-s3';
import { eventually, testStack } from '@millrace/local-cloud/testing';
import { expect, test } from 'vitest';
import { aggregate } from '../../../../packages/middleware/tests/support/aggregates.ts';
import type { IncomingEvent } from '../../src/domain/incoming-event.ts';
import { BAD_RECORDS, type BadRecord, COUNTED_RECORDS } from '../model/bad-records.ts';
import { clickEvent } from '../model/events.ts';
import { referenceTotals } from '../model/reference.ts';
import { queryArchive } from '../support/archive.ts';
import { totalsOf } from '../support/dynamodb.ts';
import { type Letter, lettersOf, putRecords } from '../support/stream.ts';

const stack = testStack('stream-analytics');
const kinesis = stack.client(KinesisClient);
const dynamoDb = stack.client(DynamoDBClient);
const s3 = stack.client(S3Client);

const bytesOf = ({ event, tenant }: IncomingEvent) =>
  Buffer.from(JSON.stringify({ ...event, tenant }));

/** One for each, to be counted behind it. */
const good = BAD_RECORDS.map((_, at) => clickEvent(`good-${at}`));
const packed = [clickEvent('packed-1'), clickEvent('packed-2')];
const lastOfAll = clickEvent('last-of-all', { time: '2026-11-23T12:00:00Z' });
const everything = [...COUNTED_RECORDS, ...good, ...packed, lastOfAll];

const POISON = Buffer.from('{"packed":');
const [one, two] = packed.map((event) => ({ partitionKey: 'packed', data: bytesOf(event) }));
const withPoison = aggregate(
  [one, { partitionKey: 'packed', data: POISON }, two].flatMap((r) => r ?? []),
);
const broken = Buffer.from(withPoison);
broken[broken.length - 1] = (broken.at(-1) ?? 0) ^ 1;
const cutOff = withPoison.subarray(0, withPoison.length - 5);

type Told = Pick<Letter, 'code'> & { readonly bytes: number; readonly digest: string };
const told = ({ code, payload }: Letter): Told => ({
  code,
  bytes: payload.length,
  digest: createHash('sha256').update(payload).digest('hex').slice(0, 16),
});
const inOrder = (letters: readonly Letter[]) =>
  letters.map(told).sort((a, b) => (a.code + a.digest < b.code + b.digest ? -1 : 1));

/** Damaged aggregates are nobody's events: each function puts them aside. */
const AGGREGATES: Letter[] = [broken, cutOff].map((payload) => ({
  code: 'aggregate_invalid',
  payload,
}));
const lettersFor = (records: readonly BadRecord[]): Letter[] =>
  records.flatMap(({ code, data }) => (code === undefined ? [] : [{ code, payload: data }]));
const EXPECTED: Readonly<Record<string, readonly Letter[]>> = {
  countEvents: [...lettersFor(BAD_RECORDS), { code: 'event_not_json', payload: POISON }],
  archiveEvents: [...lettersFor(BAD_RECORDS), { code: 'event_not_json', payload: POISON }],
  projectOrders: lettersFor(BAD_RECORDS.filter(({ alsoBy }) => alsoBy?.includes('projectOrders'))),
  indexDocuments: lettersFor(
    BAD_RECORDS.filter(({ alsoBy }) => alsoBy?.includes('indexDocuments')),
  ),
};

test('whatever comes is counted or one dead letter of each function that takes it, and nothing waits behind it', async () => {
  // Of one key, so that each good event lies behind a bad record in the same shard.
  const sent = BAD_RECORDS.flatMap(({ data }, at) => [data, bytesOf(good[at] ?? lastOfAll)]);
  const all = [...sent, withPoison, broken, cutOff, bytesOf(lastOfAll)];
  for (const Data of all) await putRecords(kinesis, [{ PartitionKey: 'one', Data }]);

  const patience = { timeoutMs: 240_000, everyMs: 500 };
  const totals = () => totalsOf(dynamoDb, 'millrace-local-metrics');
  const expected = referenceTotals(everything);
  await eventually(
    totals,
    (read) => Object.keys(read).some((key) => key.includes('T12:00')),
    patience,
  );
  await eventually(
    totals,
    (read) => Object.keys(read).length === Object.keys(expected).length,
    patience,
  );
  expect(await totals()).toEqual(expected);

  const rows = () => queryArchive(s3, 'SELECT event_id FROM lake');
  await eventually(rows, ({ length }) => length >= everything.length, patience);
  const ids = (await rows()).map(({ event_id }) => event_id).sort();
  expect(ids).toEqual(everything.map(({ event }) => event.id.toWellFormed()).sort());

  for (const [functionName, letters] of Object.entries(EXPECTED)) {
    const wanted = inOrder([...letters, ...AGGREGATES]);
    const found = await eventually(
      async () => inOrder(await lettersOf(dynamoDb, functionName)),
      ({ length }) => length >= wanted.length,
      patience,
    );
    expect({ functionName, letters: found }).toEqual({ functionName, letters: wanted });
  }
}, 600_000);
