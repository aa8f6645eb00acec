import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { startDynamoDb } from '../../../local-cloud/src/engines/dynamodb.ts';
import { openState } from '../../../local-cloud/src/state.ts';

/** A DynamoDB of its own on a free port, gone with `close`. */
export async function startTestDynamoDb(): Promise<{
  client: DynamoDBClient;
  close(): Promise<void>;
}> {
  const dir = mkdtempSync(join(tmpdir(), 'millrace-middleware-'));
  const state = openState(dir);
  const engine = await startDynamoDb({ state, log: () => {} });
  const client = new DynamoDBClient({
    endpoint: engine.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'millrace', secretAccessKey: 'millrace' },
  });
  return {
    client,
    async close() {
      client.destroy();
      await engine.close();
      state.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
