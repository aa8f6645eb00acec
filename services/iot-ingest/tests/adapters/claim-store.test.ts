import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dynamoClaimStore } from '../../src/adapters/dynamo-claim-store.ts';
import type { ClaimStore } from '../../src/domain/provisioning/approve-device.ts';
import { memoryClaimStore } from '../model/memory-claims.ts';
import { startTestDynamoDb, type TestDynamoDb } from '../support/dynamodb.ts';

let dynamo: TestDynamoDb;
beforeAll(async () => {
  dynamo = await startTestDynamoDb();
});
afterAll(() => dynamo?.close());

const claim = { openedAt: 'then', requestKey: 'k' };
const device = { deviceId: 'pump', tenant: 'mill', status: 'active', claim } as const;
const used = {
  claim: { ...claim, certificateId: 'a', claimedAt: 'now' },
  credentials: [{ certificateId: 'a', certificateArn: 'arn:a', createdAt: 'now' }],
};

describe.each<[string, () => Promise<ClaimStore>]>([
  [
    'in memory',
    async () => {
      const claims = memoryClaimStore();
      claims.put(device);
      return claims;
    },
  ],
  [
    'in DynamoDB',
    async () => {
      const TableName = await dynamo.table('deviceId');
      await dynamo.client.send(new PutItemCommand({ TableName, Item: marshall(device) }));
      return dynamoClaimStore(dynamo.client, TableName);
    },
  ],
])('claims of devices %s', (_name, fresh) => {
  it('are used for the device as it was read', async () => {
    const claims = await fresh();
    const seen = await claims.find('pump');
    expect(seen).toMatchObject(device);
    if (!seen) return;
    expect(await claims.use(seen, used, 0)).toBe(true);
    expect(await claims.find('pump')).toMatchObject({ ...device, ...used, revision: 1 });
    expect(await claims.use(seen, { claim, credentials: [] }, 0)).toBe(false);
    const again = await claims.find('pump');
    expect(again && (await claims.use(again, used, 0))).toBe(true);
    expect(await claims.find('pump')).toMatchObject({ ...used, revision: 2 });
  });

  it('make no device where there is none', async () => {
    const claims = await fresh();
    expect(await claims.find('none')).toBeUndefined();
    expect(await claims.use({ ...device, deviceId: 'none' }, used, 0)).toBe(false);
    expect(await claims.find('none')).toBeUndefined();
  });
});
