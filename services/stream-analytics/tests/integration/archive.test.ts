import { createHmac } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { eventually, testStack } from '@millrace/local-cloud/testing';
import { describe, expect, test } from 'vitest';
import type { Incoming } from '../../src/domain/engine/pipeline.ts';
import { dataOf } from '../known-answers/archived-data.ts';
import { asDelivered } from '../known-answers/as-delivered.ts';
import * as cleansing from '../known-answers/cleansing-data.ts';
import * as logs from '../known-answers/logs-data.ts';
import { seeded } from '../known-answers/seeded.ts';
import { clickEvent } from '../model/events.ts';
import { archivedKeys, queryArchive } from '../support/archive.ts';
import { totalsOf } from '../support/dynamodb.ts';
import { HASH_KEYS, lettersOf, putRecords, type Sent } from '../support/stream.ts';

const SEED = 7;
const stack = testStack('stream-analytics');
const kinesis = stack.client(KinesisClient);
const dynamoDb = stack.client(DynamoDBClient);
const s3 = stack.client(S3Client);

const dirty = cleansing.events(SEED, 400);
const lines = logs.events(SEED, 900);
const answers = cleansing.expected(dirty);
const lineAnswers = logs.expected(lines);
const POISON = ['{"specversion":', '[]', '{"specversion":"1.0","id":"x"}'];

const recordOf = ({
  event,
  tenant,
}: Pick<Incoming, 'event' | 'tenant'>): Omit<Sent, 'PartitionKey'> => ({
  Data: Buffer.from(JSON.stringify({ ...event, tenant })),
});

/** `rule field` or the like → how many, of one tenant, all minutes together. */
async function counted(metric: string, tenant: string, dimensions: readonly string[]) {
  const sums: Record<string, number> = {};
  const totals = await totalsOf(dynamoDb, 'millrace-local-metrics', new Set([metric]));
  for (const [key, { count }] of Object.entries(totals)) {
    const [, of, by = '[]'] = /^(\S+) \S+ \S+ (.*)$/.exec(key) ?? [];
    if (of !== tenant) continue;
    const values = Object.fromEntries(JSON.parse(by));
    const name = dimensions.map((dimension) => values[dimension]).join(' ');
    sums[name] = (sums[name] ?? 0) + count;
  }
  return sums;
}

const ofTenant = (sums: Record<string, number>, tenant: string) =>
  Object.fromEntries(
    Object.entries(sums).flatMap(([name, count]) =>
      name.startsWith(`${tenant} `) ? [[name.slice(tenant.length + 1), count]] : [],
    ),
  );

/** Resolves when all that was put before is in the lake and counted: see `drained` of stream.test.ts. */
async function drained(name: string): Promise<void> {
  for (const round of [1, 2]) {
    const last = HASH_KEYS.map((key) => clickEvent(`${name}-${round}-${key}`));
    const tenant = `last-${name}-${round}`;
    await putRecords(
      kinesis,
      last.map(({ event }, at) => ({
        ...{ PartitionKey: 'last', ExplicitHashKey: HASH_KEYS[at] ?? '0' },
        ...recordOf({ event, tenant }),
      })),
    );
    const patience = { timeoutMs: 200_000, everyMs: 500 };
    const prefix = `events/type=click/tenant=${tenant}/`;
    const rows = () => queryArchive(s3, 'SELECT row_id FROM lake', prefix);
    await eventually(rows, ({ length }) => length === last.length, patience);
    const clicks = () => counted('cleansing.events', tenant, ['type', 'outcome']);
    await eventually(clicks, (sums) => sums['click changed'] === last.length, patience);
  }
}

describe('dirty events and log lines, partly twice and with poison between, killed in the middle', () => {
  test('are in the lake once each, cleansed, without what was dropped', async () => {
    const delivered = asDelivered([...dirty, ...lines], seeded(SEED));
    // Under keys of their own, so that what is sent twice may come through both shards.
    const records = delivered.map((one, at) => ({ PartitionKey: `${at}`, ...recordOf(one) }));
    const poison = POISON.map((text, at) => ({
      PartitionKey: `poison-${at}`,
      Data: Buffer.from(text),
    }));
    await putRecords(kinesis, [...records.slice(0, 600), ...poison, ...records.slice(600)]);
    await eventually(
      () => archivedKeys(s3),
      ({ length }) => length > 20,
      { timeoutMs: 100_000 },
    );
    await stack.killAndRestart();
    await drained('killed');

    const rows = await queryArchive(
      s3,
      `SELECT *, strftime(time, '%Y-%m-%dT%H:%M:%S.%gZ') AS at FROM lake WHERE source = '/known'`,
    );
    expect(rows).toHaveLength(answers.archived.size);
    const found = rows.map(({ tenant_id, event_id, at, ...row }) => [
      `${tenant_id} ${event_id}`,
      { time: at, data: dataOf(row) },
    ]);
    expect(new Map(found as never)).toEqual(answers.archived);
  }, 500_000);

  test('keep all errors, and of other lines exactly those that a rule keeps', async () => {
    const kept = await queryArchive(
      s3,
      `SELECT event_id, level FROM lake WHERE source = '/logs' ORDER BY event_id`,
      'logs/',
    );
    expect(kept.map(({ event_id }) => event_id)).toEqual([...lineAnswers.kept].sort());
    const errors = lines.filter(({ event }) =>
      /^(error|fatal)$/.test((event.data as { level: string }).level),
    );
    const keptErrors = kept.filter(({ level }) => level === 'error' || level === 'fatal');
    expect(keptErrors).toHaveLength(errors.length);
    expect(kept.length).toBeLessThan(lines.length);
  });

  test('are counted by rule as the rows say', async () => {
    const decisions = await counted('logs.decisions', 'acme', ['service', 'rule', 'decision']);
    // The known events hold lines, too: none of them fits a rule.
    const shop = dirty.filter(
      ({ event, tenant }) => event.type === 'millrace.log.v1' && tenant === 'acme',
    ).length;
    const others = 'shop others kept';
    expect(decisions).toEqual({
      ...lineAnswers.decisions,
      [others]: (lineAnswers.decisions[others] ?? 0) + shop,
    });
    for (const tenant of ['acme', 'globex']) {
      const changes = await counted('cleansing.changes', tenant, ['rule', 'field']);
      expect(changes).toEqual(ofTenant(answers.changes, tenant));
      const outcomes = ofTenant(answers.outcomes, tenant);
      const clean = (outcomes['log clean'] ?? 0) + (tenant === 'acme' ? lines.length : 0);
      const events = await counted('cleansing.events', tenant, ['type', 'outcome']);
      expect(events).toEqual({ ...outcomes, 'log clean': clean });
      const [rows] = await queryArchive(
        s3,
        `SELECT count(*) FILTER (cleansed IS NOT NULL)::INT AS changed FROM lake
          WHERE tenant_id = '${tenant}'`,
      );
      const changed = Object.entries(events).filter(([name]) => name.endsWith(' changed'));
      expect(rows?.changed).toBe(changed.reduce((sum, [, count]) => sum + count, 0));
    }
  });

  test('name persons by pseudonyms of their tenant, which only its key tells', async () => {
    const rows = await queryArchive(
      s3,
      `SELECT DISTINCT tenant_id, author FROM lake WHERE source = '/known' ORDER BY tenant_id`,
      'events/type=post/',
    );
    const expected = ['acme', 'globex'].map(async (tenant) => {
      const { Body } = await s3.send(
        new GetObjectCommand({
          Bucket: 'millrace-local-pseudonym-keys',
          Key: `tenants/${tenant}`,
        }),
      );
      const key = (await Body?.transformToByteArray()) ?? new Uint8Array();
      expect(key).toHaveLength(32);
      const digest = createHmac('sha256', key).update('kim').digest();
      return { tenant_id: tenant, author: `p_${digest.subarray(0, 16).toString('base64url')}` };
    });
    expect(rows).toEqual(await Promise.all(expected));
    expect(rows[0]?.author).not.toBe(rows[1]?.author);
  });

  test('leave the poison among the dead letters, whole', async () => {
    const letters = await lettersOf(dynamoDb, 'archiveEvents');
    expect(letters.map(({ code, payload }) => `${code} ${payload}`).sort()).toEqual([
      'event_invalid []',
      'event_invalid {"specversion":"1.0","id":"x"}',
      'event_not_json {"specversion":',
    ]);
  });
});
