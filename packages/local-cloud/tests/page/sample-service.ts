import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DescribeStreamCommand,
  KinesisClient,
  PutRecordsCommand,
  SplitShardCommand,
} from '@aws-sdk/client-kinesis';
import { type Cloud, startCloud } from '../../src/cloud.ts';
import type { CloudFormationResource } from '../../src/ports.ts';
import { clientSettings } from '../edge/cloud-fixture.ts';
import { type LambdaServer, startLambdaServer } from '../edge/lambda-server.ts';
import { registration, runService } from '../edge/service-fixture.ts';

const ACCOUNT = 'us-east-1:000000000000';
const FAILURES_ARN = `arn:aws:sqs:${ACCOUNT}:failures`;

const HOSTILE_NAME = '<img src=x onerror=alert(1)>';

const resources: Record<string, CloudFormationResource> = {
  Events: { Type: 'AWS::Kinesis::Stream', Properties: { Name: 'events', ShardCount: 1 } },
  Uploads: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'uploads' } },
  Failures: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'failures' } },
  Jobs: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'jobs' } },
};

const functions = {
  countEvents: {
    events: [
      {
        stream: {
          type: 'kinesis',
          arn: `arn:aws:kinesis:${ACCOUNT}:stream/events`,
          startingPosition: 'TRIM_HORIZON',
          batchSize: 100,
          // The better part of ten seconds: long enough to be seen.
          maximumRetryAttempts: 5,
          functionResponseType: 'ReportBatchItemFailures',
          destinations: { onFailure: { arn: FAILURES_ARN, type: 'sqs' } },
        },
      },
    ],
  },
  makeRenditions: {
    events: [{ s3: { bucket: 'uploads', event: 's3:ObjectCreated:*', existing: true } }],
  },
  runJob: { events: [{ sqs: { arn: `arn:aws:sqs:${ACCOUNT}:jobs`, batchSize: 5 } }] },
  sweep: { events: [{ schedule: 'rate(1 day)' }] },
};

interface KinesisEvent {
  readonly Records: readonly {
    readonly kinesis: { readonly data: string; readonly sequenceNumber: string };
  }[];
}

export interface SampleService {
  readonly cloud: Cloud;
  /** While true, records that say `poison` fail. */
  poisonFails: boolean;
  register(): Promise<void>;
  /** Registers a function whose name a page must not take for markup. */
  registerHostile(): Promise<void>;
  put(...texts: readonly string[]): Promise<void>;
  splitShard(): Promise<void>;
  /** Ends the cloud; `resume` starts it on the same port and state. */
  interrupt(): Promise<void>;
  resume(): Promise<void>;
  stop(): Promise<void>;
}

/** A cloud and one service with every kind of trigger; its functions run in this process. */
export async function startSampleService(): Promise<SampleService> {
  const stateDir = await mkdtemp(join(tmpdir(), 'millrace-page-'));
  const host: LambdaServer = await startLambdaServer((_name, event) => {
    const poison = (event as Partial<KinesisEvent>).Records?.find(
      (record) => record.kinesis && atob(record.kinesis.data) === 'poison',
    );
    if (!poison || !service.poisonFails) return null;
    return { batchItemFailures: [{ itemIdentifier: poison.kinesis.sequenceNumber }] };
  });
  let cloud = await startCloud({ stateDir, edgePort: 0, mqttPort: 0 });
  const kinesis = new KinesisClient(clientSettings(cloud.edgeUrl));
  const service: SampleService = {
    get cloud() {
      return cloud;
    },
    poisonFails: true,
    register: () => runService(cloud.edgeUrl, registration(functions, resources), host.url),
    registerHostile: () =>
      runService(cloud.edgeUrl, registration({ [HOSTILE_NAME]: functions.sweep }), host.url),
    async put(...texts) {
      const Records = texts.map((text) => ({ PartitionKey: 'k', Data: Buffer.from(text) }));
      await kinesis.send(new PutRecordsCommand({ StreamName: 'events', Records }));
    },
    async splitShard() {
      const StreamName = 'events';
      const described = await kinesis.send(new DescribeStreamCommand({ StreamName }));
      const [shard] = described.StreamDescription?.Shards ?? [];
      const ShardToSplit = shard?.ShardId;
      const NewStartingHashKey = (2n ** 127n).toString();
      await kinesis.send(new SplitShardCommand({ StreamName, ShardToSplit, NewStartingHashKey }));
    },
    interrupt: () => cloud.close(),
    async resume() {
      const { edge, mqtt } = cloud.ports;
      cloud = await startCloud({ stateDir, edgePort: edge, mqttPort: mqtt });
    },
    async stop() {
      kinesis.destroy();
      await cloud.close();
      host.close();
      await rm(stateDir, { recursive: true, force: true });
    },
  };
  return service;
}
