import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateTableCommand,
  DynamoDBClient,
  PutItemCommand,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import {
  CreateStreamCommand,
  DescribeStreamSummaryCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  PutRecordCommand,
} from '@aws-sdk/client-kinesis';
import {
  CreateQueueCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { clientSettings } from './cloud-fixture.ts';
import {
  type CloudProcess,
  outcome,
  spawnCloudProcess,
  startCloudProcess,
} from './cloud-process.ts';

let stateDir: string;
const running: CloudProcess[] = [];

async function start(stdio?: 'ipc'): Promise<CloudProcess> {
  const cloud = await startCloudProcess(stateDir, {}, stdio);
  running.push(cloud);
  return cloud;
}

beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'millrace-process-'));
});
afterEach(async () => {
  for (const cloud of running.splice(0)) await cloud.end('SIGKILL');
  rmSync(stateDir, { recursive: true, force: true });
});

describe('kill -9', () => {
  it('loses no acknowledged write of any engine', async () => {
    const first = await start();
    const acknowledged = await writeUntilKilled(first);
    expect(Math.min(...Object.values(acknowledged).map((one) => one.length))).toBeGreaterThan(5);

    const second = await start();
    const stored = await readAll(second.edgeUrl);
    for (const engine of ['dynamodb', 'kinesis', 'sqs'] as const) {
      const missing = acknowledged[engine].filter((id) => !stored[engine].includes(id));
      expect({ engine, missing }).toEqual({ engine, missing: [] });
      expect(stored[engine]).toHaveLength(new Set(stored[engine]).size);
    }
  });

  it('takes the DynamoDB engine along within two seconds', async () => {
    const cloud = await start();
    const group = Number(readFileSync(join(stateDir, 'dynamodb.pid'), 'utf8'));
    expect(programsOf(group)).toContain('dynamodb.db');
    await cloud.end('SIGKILL');
    await expect.poll(() => programsOf(group), { timeout: 2_000, interval: 20 }).toBe('');
  });
});

describe('ending', () => {
  it('stops cleanly on SIGTERM, with nothing left running', async () => {
    const cloud = await start();
    const group = Number(readFileSync(join(stateDir, 'dynamodb.pid'), 'utf8'));
    expect(await cloud.end('SIGTERM')).toBe(0);
    expect(programsOf(group)).toBe('');
    await expect(fetch(cloud.edgeUrl)).rejects.toThrow();
  });

  it('ends when the process that started it is gone', async () => {
    const cloud = await start('ipc');
    cloud.child.disconnect();
    await expect.poll(() => cloud.child.exitCode, { timeout: 5_000 }).toBe(0);
  });

  it('ends with one line when the DynamoDB engine is killed', async () => {
    const cloud = await start();
    const ended = outcome(cloud.child);
    process.kill(-Number(readFileSync(join(stateDir, 'dynamodb.pid'), 'utf8')), 'SIGKILL');
    const { code, output } = await ended;
    expect(code).toBe(1);
    expect(output.trim().split('\n')).toHaveLength(1);
    expect(output).toContain('The DynamoDB engine ended by itself');
  });
});

describe('what a person can mend is one line and exit code 1', () => {
  it('a second cloud on the same folder', async () => {
    await start();
    const { code, output } = await outcome(spawnCloudProcess(stateDir));
    expect({ code, lines: output.trim().split('\n').length }).toEqual({ code: 1, lines: 1 });
    expect(output).toContain(`Another local cloud works in ${stateDir}`);
    expect(output).toContain('[STATE_IN_USE]');
  });

  it('a taken port, with who has it', async () => {
    const squatter = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => squatter.once('listening', resolve));
    const { port } = squatter.address() as { port: number };
    for (const name of ['MILLRACE_EDGE_PORT', 'MILLRACE_MQTT_PORT']) {
      const { code, output } = await outcome(spawnCloudProcess(stateDir, { [name]: String(port) }));
      const problem = output.trim().split('\n').at(-1);
      expect(code).toBe(1);
      expect(problem).toMatch(
        new RegExp(`Port ${port} is in use.*: stop that program or set MILLRACE_PORT_OFFSET=100`),
      );
      expect(output).not.toMatch(/^\s+at /m);
    }
    squatter.close();
  });

  it('another cloud at the port, with its folder', async () => {
    const { edgeUrl } = await start();
    const other = mkdtempSync(join(tmpdir(), 'millrace-process-'));
    const port = new URL(edgeUrl).port;
    const { output } = await outcome(spawnCloudProcess(other, { MILLRACE_EDGE_PORT: port }));
    rmSync(other, { recursive: true, force: true });
    expect(output).toContain(`Port ${port} is in use (by the local cloud of ${stateDir})`);
  });

  it('a folder that is none', async () => {
    const file = join(stateDir, 'file');
    writeFileSync(file, '');
    const { code, output } = await outcome(spawnCloudProcess(file));
    expect({ code, lines: output.trim().split('\n').length }).toEqual({ code: 1, lines: 1 });
    expect(output).toContain('[STATE_UNWRITABLE]');
  });

  it('a DynamoDB endpoint where nothing answers', async () => {
    const env = { MILLRACE_DYNAMODB_ENDPOINT: 'http://127.0.0.1:9' };
    const { code, output } = await outcome(spawnCloudProcess(stateDir, env));
    expect(code).toBe(1);
    expect(output).toContain('Nothing answers at MILLRACE_DYNAMODB_ENDPOINT=http://127.0.0.1:9');
  });
});

/** The command lines of a process group, empty when it is gone. */
function programsOf(group: number): string {
  const all = execFileSync('ps', ['-A', '-o', 'pgid=,stat=,args='], { encoding: 'utf8' });
  return all
    .split('\n')
    .filter((line) => line.trim().startsWith(`${group} `) && !/^\s*\d+\s+Z/.test(line))
    .join('\n');
}

type Written = Record<'dynamodb' | 'kinesis' | 'sqs', string[]>;

/** Writes to all engines at once, kills the cloud in the middle, and tells what was acknowledged. */
async function writeUntilKilled(cloud: CloudProcess): Promise<Written> {
  const settings = { ...clientSettings(cloud.edgeUrl), maxAttempts: 1 };
  const dynamodb = new DynamoDBClient(settings);
  const kinesis = new KinesisClient(settings);
  const sqs = new SQSClient(settings);
  await dynamodb.send(
    new CreateTableCommand({
      TableName: 'writes',
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
    }),
  );
  await kinesis.send(new CreateStreamCommand({ StreamName: 'writes', ShardCount: 1 }));
  await expect
    .poll(() => kinesis.send(new DescribeStreamSummaryCommand({ StreamName: 'writes' })))
    .toMatchObject({ StreamDescriptionSummary: { StreamStatus: 'ACTIVE' } });
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'writes' }));

  const written: Written = { dynamodb: [], kinesis: [], sqs: [] };
  const repeat = async (engine: keyof Written, write: (id: string) => Promise<unknown>) => {
    for (let count = 0; ; count++) {
      const id = `${engine}-${count}`;
      try {
        await write(id);
      } catch {
        // Killed in the middle of this one: it was not acknowledged.
        return;
      }
      written[engine].push(id);
    }
  };
  const writers = [
    repeat('dynamodb', (id) =>
      dynamodb.send(new PutItemCommand({ TableName: 'writes', Item: { pk: { S: id } } })),
    ),
    repeat('kinesis', (id) =>
      kinesis.send(
        new PutRecordCommand({ StreamName: 'writes', PartitionKey: 'k', Data: Buffer.from(id) }),
      ),
    ),
    repeat('sqs', (id) => sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: id }))),
  ];
  await expect.poll(() => written.dynamodb.length, { timeout: 5_000 }).toBeGreaterThan(30);
  await cloud.end('SIGKILL');
  await Promise.all(writers);
  return written;
}

async function readAll(edgeUrl: string): Promise<Written> {
  const settings = clientSettings(edgeUrl);
  const dynamodb = new DynamoDBClient(settings);
  const kinesis = new KinesisClient(settings);
  const { Items } = await dynamodb.send(new ScanCommand({ TableName: 'writes' }));
  const { ShardIterator } = await kinesis.send(
    new GetShardIteratorCommand({
      StreamName: 'writes',
      ShardId: 'shardId-000000000000',
      ShardIteratorType: 'TRIM_HORIZON',
    }),
  );
  const { Records } = await kinesis.send(new GetRecordsCommand({ ShardIterator }));
  kinesis.destroy();
  return {
    dynamodb: (Items ?? []).map(({ pk }) => pk?.S ?? ''),
    kinesis: (Records ?? []).map(({ Data }) => Buffer.from(Data ?? []).toString()),
    sqs: await receiveAll(new SQSClient(settings), `${edgeUrl}/000000000000/writes`),
  };
}

async function receiveAll(sqs: SQSClient, QueueUrl: string): Promise<string[]> {
  const bodies: string[] = [];
  for (;;) {
    const answer = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    if (!answer.Messages?.length) return bodies;
    bodies.push(...answer.Messages.map(({ Body }) => Body ?? ''));
  }
}
