import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dynamoCommandResults } from '../../src/adapters/dynamo-command-results.ts';
import { memoryCommandResults } from '../model/memory-command-results.ts';
import { startTestDynamoDb, type TestDynamoDb } from '../support/dynamodb.ts';

let dynamo: TestDynamoDb;
beforeAll(async () => {
  dynamo = await startTestDynamoDb();
});
afterAll(() => dynamo?.close());

const results = fc.array(
  fc.record({
    commandId: fc.constantFrom('c1', 'c2', 'unknown'),
    result: fc.record({
      outcome: fc.constantFrom('succeeded' as const, 'failed' as const),
      at: fc.integer({ min: 0, max: 20 }),
      payload: fc.constantFrom('1', '{}'),
    }),
  }),
  { minLength: 1, maxLength: 10 },
);

test('the table records what the model records', async () => {
  await fc.assert(
    fc.asyncProperty(results, async (list) => {
      const table = await dynamo.table('deviceId', 'commandId');
      const commands = ['c1', 'c2'].map((commandId) => ({
        deviceId: 'wheel-1',
        commandId,
        timeoutAt: 10,
      }));
      const keyOf = (commandId: string) => ({
        deviceId: { S: 'wheel-1' },
        commandId: { S: commandId },
      });
      for (const { commandId } of commands) {
        const Item = { ...keyOf(commandId), state: { S: 'sent' }, timeoutAt: { N: '10' } };
        await dynamo.client.send(new PutItemCommand({ TableName: table, Item }));
      }
      const store = dynamoCommandResults(dynamo.client, table);
      const model = memoryCommandResults(commands);
      for (const { commandId, result } of list) {
        expect(await store.record('wheel-1', commandId, result)).toBe(
          await model.record('wheel-1', commandId, result),
        );
      }
      for (const { commandId } of commands) {
        const { Item } = await dynamo.client.send(
          new GetItemCommand({ TableName: table, Key: keyOf(commandId) }),
        );
        const expected = await model.find('wheel-1', commandId);
        expect(Item?.state?.S).toBe(expected?.state);
        expect(Item?.result?.M?.at?.N).toBe(expected?.result && String(expected.result.at));
        expect(Item?.lateResult?.M?.at?.N).toBe(
          expected?.lateResult && String(expected.lateResult.at),
        );
      }
    }),
    { numRuns: 25 },
  );
});
