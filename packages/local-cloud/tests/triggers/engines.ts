import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDynamoDb } from '../../src/engines/dynamodb.ts';
import { startKinesis } from '../../src/engines/kinesis.ts';
import { startQueues } from '../../src/engines/queues.ts';
import { openState } from '../../src/state.ts';
import { type AwsEndpoints, createAwsClients } from '../../src/triggers/aws-clients.ts';

export type EngineKind = 'kinesis' | 'dynamodb' | 'sqs';

/** The real engines, each on a free port, with a state folder of their own. */
export async function startEngines(kinds: readonly EngineKind[]) {
  const dir = mkdtempSync(join(tmpdir(), 'millrace-engines-'));
  const state = openState(dir);
  const place = { region: 'us-east-1', accountId: '000000000000' };
  const closers: (() => Promise<unknown> | undefined)[] = [];
  const urls: { kinesisUrl?: string; dynamodbUrl?: string; sqsUrl?: string } = {};

  if (kinds.includes('kinesis')) {
    const engine = startKinesis({ state, ...place });
    urls.kinesisUrl = await serve(engine.handle, closers);
    closers.push(() => engine.close());
  }
  if (kinds.includes('sqs')) {
    const engine = await startQueues({ state, edgeUrl: 'http://127.0.0.1:1', ...place });
    urls.sqsUrl = await serve((request, response) => engine.handle(request, response), closers);
    closers.push(() => engine.close());
  }
  if (kinds.includes('dynamodb')) {
    const engine = await startDynamoDb({ state, log: () => undefined });
    urls.dynamodbUrl = engine.url;
    closers.push(() => engine.close());
  }
  const endpoints: AwsEndpoints = { edgeUrl: 'http://127.0.0.1:1', ...urls };
  const clients = createAwsClients(endpoints);
  return {
    endpoints,
    ...clients,
    async close() {
      clients.close();
      for (const close of closers) await close();
      state.close();
      rmSync(dir, { recursive: true });
    },
  };
}

async function serve(
  handle: RequestListener,
  closers: (() => Promise<unknown> | undefined)[],
): Promise<string> {
  const server = createServer(handle);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
