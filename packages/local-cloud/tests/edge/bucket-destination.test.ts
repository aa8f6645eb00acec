import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  S3Client,
} from '@aws-sdk/client-s3';
import type { KinesisStreamEvent } from 'aws-lambda';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { createEngineCalls } from '../../src/resources/aws-json.ts';
import { type FunctionHost, startFunctionHost } from '../triggers/function-host.ts';
import { type CloudFixture, startCloudFixture } from './cloud-fixture.ts';
import { registration, runService } from './service-fixture.ts';

const FAILURES = 'millrace-local-failures';
const STREAM = 'millrace-local-events';
const STREAM_ARN = `arn:aws:kinesis:us-east-1:000000000000:stream/${STREAM}`;
const WORK = 'millrace-sample-local-work';

let fixture: CloudFixture;
let host: FunctionHost;
let s3: S3Client;

beforeAll(async () => {
  fixture = await startCloudFixture({ asyncRetryDelaysMs: [1] });
  host = await startFunctionHost();
  s3 = new S3Client({ ...fixture.client, forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: FAILURES }));
  host.on(WORK, () => {
    throw new Error('poison');
  });
  const stream = { arn: STREAM_ARN, maximumRetryAttempts: 0 };
  const Destination = `arn:aws:s3:::${FAILURES}`;
  const Properties = { DestinationConfig: { OnFailure: { Destination } } };
  const declared = registration(
    { work: { events: [{ stream }] } },
    { Events: { Type: 'AWS::Kinesis::Stream', Properties: { Name: STREAM, ShardCount: 1 } } },
  );
  const extensions = {
    WorkEventSourceMappingKinesisMillracelocalevents: { Properties },
    WorkLambdaEvConf: { Properties: { ...Properties, MaximumRetryAttempts: 0 } },
  };
  const template = { ...declared.template, extensions };
  await runService(fixture.cloud.edgeUrl, { ...declared, template }, host.lambdaUrl);
});
afterAll(async () => {
  await fixture?.stop();
  await host?.close();
});

/** The one object under the prefix, once it is there. */
async function stored(prefix: string): Promise<{ key: string; record: Record<string, unknown> }> {
  const key = await vi.waitFor(
    async () => {
      const listing = new ListObjectsV2Command({ Bucket: FAILURES, Prefix: prefix });
      const { Contents = [] } = await s3.send(listing);
      expect(Contents).toHaveLength(1);
      return Contents[0]?.Key ?? '';
    },
    { timeout: 10_000, interval: 50 },
  );
  const object = await s3.send(new GetObjectCommand({ Bucket: FAILURES, Key: key }));
  const text = (await object.Body?.transformToString()) ?? '';
  return { key, record: JSON.parse(text) as Record<string, unknown> };
}

const uuid = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
const instant = String.raw`\d{4}/\d\d/\d\d/\d{4}-\d\d-\d\dT\d\d\.\d\d\.\d\d-${uuid}`;

// https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html
it('stores a discarded batch with its whole event where the destination is a bucket', async () => {
  const calls = createEngineCalls(fixture.cloud.edgeUrl, 'us-east-1');
  const Data = Buffer.from('a letter').toString('base64');
  const put = { StreamName: STREAM, PartitionKey: 'p', Data };
  const { SequenceNumber } = await calls.call('Kinesis_20131202.PutRecord', put);
  const { key, record } = await stored('aws/lambda/');
  expect(key).toMatch(new RegExp(`^aws/lambda/${uuid}/shardId-000000000000/${instant}$`));
  expect(record).toMatchObject({
    requestContext: { condition: 'RetryAttemptsExhausted', approximateInvokeCount: 1 },
    responseContext: { statusCode: 200, functionError: 'Unhandled' },
    KinesisBatchInfo: { startSequenceNumber: SequenceNumber, batchSize: 1, streamArn: STREAM_ARN },
  });
  const event = JSON.parse(String(record.payload)) as KinesisStreamEvent;
  expect(event).toEqual(host.events<KinesisStreamEvent>(WORK)[0]);
  expect(event.Records[0]?.kinesis).toMatchObject({ data: Data, sequenceNumber: SequenceNumber });
  const [mapping] = fixture.cloud.status().mappings;
  expect(mapping).toMatchObject({ onFailureArn: `arn:aws:s3:::${FAILURES}`, discarded: 1 });
});

// https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
it('stores the record of an asynchronous event that failed', async () => {
  const url = `${fixture.cloud.edgeUrl}/2015-03-31/functions/${WORK}/invocations`;
  const authorization =
    'AWS4-HMAC-SHA256 Credential=millrace/20260101/us-east-1/lambda/aws4_request, SignedHeaders=host, Signature=0';
  const headers = { 'x-amz-invocation-type': 'Event', authorization };
  await fetch(url, { method: 'POST', headers, body: '{"n":1}' });
  const { key, record } = await stored('aws/lambda/async/');
  expect(key).toMatch(new RegExp(`^aws/lambda/async/${WORK}/${instant}$`));
  expect(record).toMatchObject({
    requestContext: { condition: 'RetriesExhausted', approximateInvokeCount: 1 },
    requestPayload: { n: 1 },
    responsePayload: { errorMessage: 'poison' },
  });
});
