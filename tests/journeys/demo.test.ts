import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { KinesisClient, ListStreamsCommand } from '@aws-sdk/client-kinesis';
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { type DemoReport, edgeClientOptions, runDemo } from '@millrace/operations';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LiveStack, startLiveStack } from './live-stack.ts';

describe('the demo on a fresh stack', () => {
  let live: LiveStack;
  let stateFile: string;
  let report: DemoReport;

  const run = () =>
    runDemo({ targets: live.targets, stateFile, timeoutMs: 120_000, onProgress: () => {} });

  beforeAll(async () => {
    live = await startLiveStack();
    stateFile = join(live.stack.stateDir, 'demo.json');
    report = await run();
  });
  afterAll(() => live[Symbol.asyncDispose]());

  it('brings every input to exactly its result', () => {
    expect(report.outcomes.filter((outcome) => outcome.expected !== undefined)).toEqual([]);
  });

  it.each(['files', 'search', 'events', 'devices', 'orders', 'lake', 'sql', 'access'])(
    'goes through %s',
    (area) => {
      expect(report.outcomes.some((outcome) => outcome.area === area)).toBe(true);
    },
  );

  it('changes nothing when the whole run is sent again', async () => {
    const saved = JSON.parse(await readFile(stateFile, 'utf8'));
    await writeFile(stateFile, JSON.stringify({ ...saved, finished: false }));
    const again = await run();
    expect(again.resumed).toBe(true);
    expect(again.outcomes.filter((outcome) => outcome.expected !== undefined)).toEqual([]);
    expect(again.outcomes.map((outcome) => outcome.result)).toEqual(
      report.outcomes.map((outcome) => outcome.result),
    );
  });

  it('lists its buckets, tables and streams to an AWS SDK', async () => {
    const options = edgeClientOptions(live.targets);
    const { Buckets } = await new S3Client({ ...options, forcePathStyle: true }).send(
      new ListBucketsCommand(),
    );
    const { TableNames } = await new DynamoDBClient(options).send(new ListTablesCommand());
    const { StreamNames } = await new KinesisClient(options).send(new ListStreamsCommand());
    const named = (names: readonly string[]) => names.map((name) => `millrace-local-${name}`);
    expect(Buckets?.map((bucket) => bucket.Name)).toEqual(
      expect.arrayContaining(named(['uploads', 'media', 'quarantine', 'lake'])),
    );
    expect(TableNames).toEqual(
      expect.arrayContaining(named(['files', 'orders', 'devices', 'metrics'])),
    );
    expect(StreamNames).toEqual(named(['events']));
  });
});
