import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import { openStreamTable, type StreamTable } from '../../src/dynamodb/stream-table.ts';
import { startDynamoDb } from '../../src/engines/dynamodb.ts';
import { startKinesis } from '../../src/engines/kinesis.ts';
import type { KinesisLog } from '../../src/engines/kinesis-reader.ts';
import { startQueues } from '../../src/engines/queues.ts';
import { createMovableClock } from '../../src/movable-clock.ts';
import { openState } from '../../src/state.ts';
import { type AwsEndpoints, createAwsClients } from '../../src/triggers/aws-clients.ts';
import { serveKinesis } from './kinesis-server.ts';

export type EngineKind = 'kinesis' | 'dynamodb' | 'sqs';

/** The real engines, each on a free port, with a state folder of their own. */
export async function startEngines(kinds: readonly EngineKind[]) {
  const dir = mkdtempSync(join(tmpdir(), 'millrace-engines-'));
  const state = openState(dir);
  const place = { region: 'us-east-1', accountId: '000000000000' };
  const closers: (() => Promise<unknown> | undefined)[] = [];
  const urls: { dynamodbUrl?: string; sqsUrl?: string } = {};
  let kinesisLog = NO_KINESIS;
  let streams: StreamTable | undefined;
  let kinesisUrl = 'http://127.0.0.1:1';

  if (kinds.includes('kinesis')) {
    const engine = startKinesis({ state, ...place });
    const server = await serveKinesis(engine);
    kinesisUrl = server.url;
    kinesisLog = engine.log;
    closers.push(server.close, () => engine.close());
  }
  if (kinds.includes('sqs')) {
    const engine = await startQueues({ state, edgeUrl: 'http://127.0.0.1:1', ...place });
    urls.sqsUrl = await serve((request, response) => engine.handle(request, response), closers);
    closers.push(() => engine.close());
  }
  if (kinds.includes('dynamodb')) {
    const engine = await startDynamoDb({ state, log: () => undefined });
    urls.dynamodbUrl = engine.url;
    const table = openStreamTable(engine.databaseFile ?? '', createMovableClock());
    streams = table;
    closers.push(
      async () => table.close(),
      () => engine.close(),
    );
  }
  const endpoints: AwsEndpoints = { edgeUrl: 'http://127.0.0.1:1', ...urls };
  const clients = createAwsClients(endpoints);
  // HTTP/1.1, which is what is served here: this client's own default is HTTP/2.
  const { requestHandler, credentials, region } = clients.dynamodb.config;
  const kinesis = new KinesisClient({ endpoint: kinesisUrl, requestHandler, credentials, region });
  return {
    ...{ endpoints, kinesis, kinesisLog, kinesisUrl, streams },
    ...clients,
    async close() {
      kinesis.destroy();
      clients.close();
      for (const close of closers) await close();
      state.close();
      rmSync(dir, { recursive: true });
    },
  };
}

const absent = async (): Promise<never> => {
  throw new Error('There is no Kinesis here.');
};
/** For those who run triggers of other kinds only. */
export const NO_KINESIS: KinesisLog = { describe: absent, read: absent };

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
