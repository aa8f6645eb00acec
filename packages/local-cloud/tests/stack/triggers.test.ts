import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import mqtt from 'mqtt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEngineCalls, type EngineCalls } from '../../src/resources/aws-json.ts';
import type { Stack } from '../../src/stack/index.ts';
import { recorded, startFixture, temporaryState } from './fixture-stack.ts';

const state = temporaryState();
const warnings: string[] = [];
let stack: Stack;
let engines: EngineCalls;

beforeAll(async () => {
  stack = await startFixture({
    stateDir: state.folder,
    onWarning: (_service, text) => warnings.push(text),
    // What a developer may have in the shell: none of it may reach a function.
    env: {
      ...process.env,
      AWS_PROFILE: 'production',
      AWS_ACCESS_KEY_ID: 'AKIAREAL',
      AWS_SECRET_ACCESS_KEY: 'real',
      AWS_SESSION_TOKEN: 'real',
      AWS_REGION: 'eu-west-1',
    },
  });
  engines = createEngineCalls(stack.edgeUrl, 'us-east-1');
});

afterAll(async () => {
  await stack?.stop();
  state.remove();
});

describe('a service under sls offline in the local cloud', () => {
  it('answers HTTP with its environment resolved and nothing of the developer’s account', async () => {
    const response = await fetch(`${stack.apiUrl}/hello`);
    const environment: unknown = await response.json();
    expect(environment).toMatchObject({
      GREETING: 'hello from us-east-1',
      QUEUE_URL: `${stack.edgeUrl}/000000000000/millrace-local-sampler-inbox`,
      BUCKET_ARN: 'arn:aws:s3:::millrace-local-sampler-drop',
      RESULTS_TABLE: 'millrace-local-sampler-results',
      AWS_ENDPOINT_URL: stack.edgeUrl,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'millrace',
      AWS_SECRET_ACCESS_KEY: 'millrace',
    });
    expect(environment).not.toHaveProperty('AWS_PROFILE');
    expect(environment).not.toHaveProperty('AWS_SESSION_TOKEN');
  });

  it('warns once of what does not exist locally', () => {
    expect(warnings).toEqual([
      'millrace-sampler: Unsupported (AWS::Neptune::DBCluster): this resource type does not exist locally; it is left out',
    ]);
  });

  it('is called for an object that matches the rules of its s3 event', async () => {
    const s3 = new S3Client({
      endpoint: stack.edgeUrl,
      region: 'us-east-1',
      credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
    });
    const Bucket = 'millrace-local-sampler-drop';
    await s3.send(new PutObjectCommand({ Bucket, Key: 'a note.txt', Body: 'x' }));
    expect(await recorded(stack, 'aws:s3:a+note.txt')).toMatchObject({
      eventName: 'ObjectCreated:Put',
      s3: { bucket: { name: Bucket } },
    });
  });

  it('is called for a record of the Kinesis stream', async () => {
    await engines.call('Kinesis_20131202.PutRecord', {
      StreamName: 'millrace-local-sampler-numbers',
      PartitionKey: 'p',
      Data: Buffer.from('seven').toString('base64'),
    });
    expect(await recorded(stack, 'aws:kinesis:seven')).toMatchObject({
      eventSource: 'aws:kinesis',
      kinesis: { partitionKey: 'p' },
    });
  });

  it('is called for a change of the table, named by the label of its stream', async () => {
    await engines.call('DynamoDB_20120810.PutItem', {
      TableName: 'millrace-local-sampler-things',
      Item: { id: { S: 'thing-1' } },
    });
    expect(await recorded(stack, 'aws:dynamodb:thing-1')).toMatchObject({ eventName: 'INSERT' });
  });

  it('is called for a message in the queue', async () => {
    await engines.call('AmazonSQS.SendMessage', {
      QueueUrl: `${stack.edgeUrl}/000000000000/millrace-local-sampler-inbox`,
      MessageBody: 'letter',
    });
    expect(await recorded(stack, 'aws:sqs:letter')).toMatchObject({ body: 'letter' });
  });

  it('is called for a message that its topic rule selects', async () => {
    const client = await mqtt.connectAsync(stack.mqttUrl);
    await client.publishAsync('sampler/dev-1/telemetry', '{"celsius":21}', { qos: 1 });
    await client.endAsync();
    expect(await recorded(stack, 'iot:dev-1')).toEqual({ celsius: 21, device: 'dev-1' });
  });

  it('is called by its schedule, by the cloud alone', async () => {
    expect(await recorded(stack, 'schedule', 75_000)).toEqual({ tick: true });
  }, 80_000);
});
