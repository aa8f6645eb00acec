import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import { DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { eventually, testStack } from '@millrace/local-cloud/testing';
import { partitionKeyOf } from '@millrace/types';
import { expect, test } from 'vitest';
import type { IncomingEvent } from '../../src/domain/incoming-event.ts';
import { clickEvent } from '../model/events.ts';
import { referenceTotals } from '../model/reference.ts';
import { queryArchive } from '../support/archive.ts';
import { totalsOf } from '../support/dynamodb.ts';
import { lettersOf, putRecords } from '../support/stream.ts';

const stack = testStack('stream-analytics');
const kinesis = stack.client(KinesisClient);
const dynamoDb = stack.client(DynamoDBClient);
const s3 = stack.client(S3Client);
const patience = { timeoutMs: 120_000 };
const WEEK_MS = 7 * 86_400_000;

/** `npx millrace dead-letters …` */
async function deadLetters(...args: string[]) {
  const program = join(import.meta.dirname, '../../../../packages/operations/src/main.ts');
  const env = { ...process.env, NO_COLOR: '1', MILLRACE_EDGE_PORT: new URL(stack.edgeUrl).port };
  const child = spawn(process.execPath, [program, 'dead-letters', ...args], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close');
  const out = await text(child.stdout);
  const [code] = await ended;
  return { code, out };
}

async function json(...args: string[]) {
  const { code, out } = await deadLetters(...args, '--json');
  return { code, report: JSON.parse(out) };
}

const tell = async (method: string, path: string, body?: unknown) => {
  const init = { method, ...(body !== undefined && { body: JSON.stringify(body) }) };
  const answer = await fetch(`${stack.edgeUrl}/_millrace/${path}`, init);
  expect(answer.ok).toBe(true);
};

const put = (events: readonly IncomingEvent[]) =>
  putRecords(
    kinesis,
    events.map(({ event, tenant }) => ({
      PartitionKey: partitionKeyOf(event, tenant),
      Data: Buffer.from(JSON.stringify({ ...event, tenant })),
    })),
  );
const metrics = () => totalsOf(dynamoDb, 'millrace-local-metrics');
/** Rows of a tenant, and how many of them are different. */
const archived = async (tenant: string) => {
  const rows = await queryArchive(
    s3,
    'SELECT row_id FROM lake',
    `events/type=click/tenant=${tenant}/`,
  );
  return [rows.length, new Set(rows.map(({ row_id: id }) => id)).size];
};

const mended = Array.from({ length: 6 }, (_, n) => ({
  ...clickEvent(`mended-${n}`),
  tenant: 'locked-out',
}));
const late = Array.from({ length: 150 }, (_, n) => ({
  ...clickEvent(`late-${n}`),
  tenant: 'late',
}));

test('letters whose cause is mended are archived once; poison stays poison, and can be closed', async () => {
  const key = { Bucket: 'millrace-local-pseudonym-keys', Key: 'tenants/locked-out' };
  await s3.send(new PutObjectCommand({ ...key, Body: 'no key' }));
  await put(mended);
  await putRecords(kinesis, [{ PartitionKey: 'p', Data: Buffer.from('\u001b[2Jnot JSON') }]);
  await eventually(
    async () => [
      ...(await lettersOf(dynamoDb, 'archiveEvents')),
      ...(await lettersOf(dynamoDb, 'countEvents')),
    ],
    (letters) => letters.length === mended.length + 2,
    patience,
  );

  const { report: list } = await json('list', '--code', 'pseudonym_key_invalid');
  expect(list.entries).toHaveLength(mended.length);
  const table = await deadLetters('list', '--limit', '2');
  expect(table.out.split('\n')).toHaveLength(5);
  expect(table.out).toContain('… and 6 older ones: --limit shows more.');
  const poison = (await json('list', '--function', 'countEvents')).report.entries[0];
  const shown = await deadLetters('show', poison.id, '--function', 'countEvents');
  expect(shown.out).toContain('event_not_json');
  expect(shown.out).toContain('\\x1b[2Jnot JSON');

  // Only told; then for nothing, for the cause is there; then mended.
  expect((await json('redrive')).report).toMatchObject({ isDone: false, waiting: 8, stays: 8 });
  const early = await json('redrive', '--yes', '--code', 'pseudonym_key_invalid');
  expect([early.code, early.report.rejected]).toEqual([1, 6]);
  await s3.send(new DeleteObjectCommand(key));
  const now = await json('redrive', '--yes', '--code', 'pseudonym_key_invalid', '--rate', '1000');
  expect([now.code, now.report.accepted, now.report.stays]).toEqual([0, 6, 0]);
  expect(await archived('locked-out')).toEqual([mended.length, mended.length]);

  const rest = await json('redrive', '--yes');
  expect([rest.code, rest.report.rejected]).toEqual([1, 2]);
  const closed = await json('discard', '--yes', '--code', 'event_not_json');
  expect([closed.code, closed.report.discarded]).toEqual([0, 2]);
  expect((await json('list')).report.entries).toEqual([]);
  expect((await json('list', '--all')).report.entries).toHaveLength(8);
}, 300_000);

test('a batch that was given up is replayed from the stream, in order, and counted once', async () => {
  await tell('PUT', 'faults', { seed: 1, invocations: [{ function: '*-countEvents', error: 1 }] });
  await put(late);
  const listed = await eventually(
    async () => {
      await tell('POST', 'clock', { advanceMs: WEEK_MS + 60_000 });
      return (await json('list', '--kind', 'batch', '--function', 'countEvents')).report.entries;
    },
    (entries) =>
      entries.reduce((sum: number, { records }: { records: number }) => sum + records, 0) ===
      late.length,
    patience,
  );
  expect(await metrics()).toEqual(referenceTotals(mended));
  const shown = await deadLetters('show', listed[0].id, '--records', '1');
  expect(shown.out).toContain('"specversion": "1.0"');

  const ofIt = ['--kind', 'batch', '--function', 'countEvents'];
  const failing = await json('redrive', '--yes', ...ofIt);
  expect([failing.code, failing.report.accepted]).toEqual([1, 0]);
  expect(await metrics()).toEqual(referenceTotals(mended));
  await tell('DELETE', 'faults');
  const done = await json('redrive', '--yes', '--rate', '10000');
  // The other functions may have been skipped by the clock as well.
  expect(done.report.accepted).toBeGreaterThanOrEqual(listed.length);
  expect([done.code, done.report.stays]).toEqual([0, 0]);
  expect(await metrics()).toEqual(referenceTotals([...mended, ...late]));
  expect(await archived('late')).toEqual([late.length, late.length]);
  expect((await json('list')).report.entries).toEqual([]);
}, 300_000);
