import {
  DescribeStreamCommand,
  KinesisClient,
  PutRecordsCommand,
  SplitShardCommand,
} from '@aws-sdk/client-kinesis';
import type { CloudFormationResource } from '../../src/ports.ts';
import { type CloudFixture, startCloudFixture } from '../edge/cloud-fixture.ts';
import { type LambdaServer, startLambdaServer } from '../edge/lambda-server.ts';
import { registration, runService } from '../edge/service-fixture.ts';

const ACCOUNT = 'us-east-1:000000000000';
const FAILURES_ARN = `arn:aws:sqs:${ACCOUNT}:failures`;

/** The name says what a page must not run. */
export const HOSTILE_RULE = 'odd <img src=x onerror=alert(1)> name';

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
          maximumRetryAttempts: 2,
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
  sweep: { events: [{ schedule: { rate: ['rate(1 day)'], name: HOSTILE_RULE } }] },
};

interface KinesisEvent {
  readonly Records: readonly {
    readonly kinesis: { readonly data: string; readonly sequenceNumber: string };
  }[];
}

export interface SampleService {
  readonly cloud: CloudFixture['cloud'];
  readonly fixture: CloudFixture;
  /** While true, records that say `poison` fail. */
  poisonFails: boolean;
  register(): Promise<void>;
  put(...texts: readonly string[]): Promise<void>;
  splitShard(): Promise<void>;
  stop(): Promise<void>;
}

/** A cloud and one service with every kind of trigger; its functions run in this process. */
export async function startSampleService(
  options: Parameters<typeof startCloudFixture>[0] = {},
): Promise<SampleService> {
  const fixture = await startCloudFixture(options);
  const host: LambdaServer = await startLambdaServer((_name, event) => {
    const poison = (event as Partial<KinesisEvent>).Records?.find(
      (record) => record.kinesis && atob(record.kinesis.data) === 'poison',
    );
    if (!poison || !service.poisonFails) return null;
    return { batchItemFailures: [{ itemIdentifier: poison.kinesis.sequenceNumber }] };
  });
  const kinesis = new KinesisClient(fixture.client);
  const service: SampleService = {
    cloud: fixture.cloud,
    fixture,
    poisonFails: true,
    register: () => runService(fixture.cloud.edgeUrl, registration(functions, resources), host.url),
    async put(...texts) {
      const Records = texts.map((text, n) => ({ PartitionKey: `k${n}`, Data: Buffer.from(text) }));
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
    async stop() {
      kinesis.destroy();
      await fixture.stop();
      host.close();
    },
  };
  return service;
}
