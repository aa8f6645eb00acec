import { ScanCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { beforeAll, describe, expect, it } from 'vitest';
import { type RecordedService, recordRegistrations } from '../faults/platform/registrations.ts';
import type { Clients } from '../faults/workload/clients.ts';
import { describeResult } from './report.ts';
import { runSoak, SOAKED, type SoakOptions, type SoakResult } from './run/soak.ts';

/** `npm run soak` sends a million; see services/stream-analytics/README.md. */
const SMALL = { seed: 7, minutes: 10, duplicates: 0.05, poison: 0.01 };
let services: readonly RecordedService[];

beforeAll(async () => {
  services = await recordRegistrations(SOAKED);
}, 300_000);

describe('3,000 events, a kill and a resharded stream', () => {
  const options: SoakOptions = { ...SMALL, events: 3_000, kills: 1 };
  let result: SoakResult;
  beforeAll(async () => {
    result = await runSoak(services, options);
  });

  it('give what was sent, to the unit', () => {
    expect(result.differences).toEqual([]);
    expect(result.compared).toBeGreaterThan(2_000);
  });

  it('went through all that goes wrong in a soak', () => {
    const { figures } = result;
    expect(figures.events).toBe(3_000);
    for (const name of ['duplicates', 'poison', 'aggregated', 'dead letters', 'processes killed']) {
      expect(figures[name], name).toBeGreaterThan(0);
    }
    // Two at first; four after a split of each.
    expect(figures.shards).toBeGreaterThan(6);
    expect(figures['kinesis.putFailure']).toBeGreaterThan(0);
  });
});

describe('what is changed behind its back', () => {
  const options: SoakOptions = { ...SMALL, events: 300, kills: 0, meddle: countOneMore };

  it('is a difference, told with the command that shows it again', async () => {
    const result = await runSoak(services, options);
    expect(result.differences).toHaveLength(1);
    expect(result.differences[0]).toMatch(/^counter hot log 1m .*: is \d+ .*, should be \d+/);
    expect(describeResult(result, options)).toContain('npm run soak -- --seed 7 --events 300 ');
  });
});

async function countOneMore({ dynamo }: Clients): Promise<void> {
  const TableName = 'millrace-local-metrics';
  const { Items = [] } = await dynamo.send(
    new ScanCommand({
      TableName,
      FilterExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: 'hot#log' } },
    }),
  );
  const { pk = { S: '' }, sk = { S: '' } } = Items[0] ?? {};
  await dynamo.send(
    new UpdateItemCommand({
      TableName,
      Key: { pk, sk },
      UpdateExpression: 'ADD #count :one',
      ExpressionAttributeNames: { '#count': 'count' },
      ExpressionAttributeValues: { ':one': { N: '1' } },
    }),
  );
}
