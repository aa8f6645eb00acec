import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { DevicePresence } from '@millrace/types';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dynamoPresenceStore } from '../../src/adapters/dynamo-presence-store.ts';
import { memoryPresenceStore } from '../model/memory-presence-store.ts';
import { startTestDynamoDb, type TestDynamoDb } from '../support/dynamodb.ts';

let dynamo: TestDynamoDb;
beforeAll(async () => {
  dynamo = await startTestDynamoDb();
});
afterAll(() => dynamo?.close());

const HOUR = 3_600_000;
const states = fc.array(
  fc.record({
    isConnected: fc.boolean(),
    at: fc.integer({ min: 0, max: 5 * HOUR }),
    order: fc.integer({ min: 0, max: 6 }),
    sessionId: fc.constantFrom('a', 'b'),
  }),
  { minLength: 1, maxLength: 12 },
);

/** A table with the device, and what is kept of its presence there. */
async function tableWith(deviceId: string) {
  const table = await dynamo.table('deviceId');
  const Item = { deviceId: { S: deviceId }, tenant: { S: 'mill' }, status: { S: 'active' } };
  await dynamo.client.send(new PutItemCommand({ TableName: table, Item }));
  const read = async () =>
    (
      await dynamo.client.send(
        new GetItemCommand({ TableName: table, Key: { deviceId: { S: deviceId } } }),
      )
    ).Item;
  return { store: dynamoPresenceStore(dynamo.client, table), read };
}

test('the table keeps what the model keeps', async () => {
  await fc.assert(
    fc.asyncProperty(states, async (list) => {
      const model = memoryPresenceStore(['wheel-1']);
      const { store, read } = await tableWith('wheel-1');
      for (const presence of list) {
        expect(await store.keepNewest('wheel-1', presence)).toBe(
          await model.keepNewest('wheel-1', presence),
        );
      }
      const kept = await model.find('wheel-1');
      expect((await read())?.presence?.M).toMatchObject({
        at: { N: String(kept?.at) },
        order: { N: String(kept?.order) },
        isConnected: { BOOL: kept?.isConnected },
      });
    }),
    { numRuns: 25 },
  );
});

test('changes nothing else of the device, and makes none where there is none', async () => {
  const { store, read } = await tableWith('wheel-1');
  const presence: DevicePresence = { isConnected: true, at: 1, order: 0, sessionId: 's' };
  expect(await store.keepNewest('stranger', presence)).toBe(false);
  expect(await store.keepNewest('wheel-1', presence)).toBe(true);
  expect(await read()).toMatchObject({ tenant: { S: 'mill' }, status: { S: 'active' } });
});
