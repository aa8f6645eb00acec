import { setTimeout as sleep } from 'node:timers/promises';
import { LocalCloudError } from '../../errors.ts';
import { EngineError } from '../aws-json.ts';
import { arn, generatedName } from '../names.ts';
import type { KindContext, Properties, ResourceKind } from './kind.ts';
import { number, record, text } from './properties.ts';

const target = 'Kinesis_20131202';

/** On-demand streams begin with four shards on AWS; two show resharding's effects and cost less. */
const onDemandShards = 2;

export const streamKind: ResourceKind = {
  type: 'AWS::Kinesis::Stream',
  supported: ['Name', 'ShardCount', 'StreamModeDetails', 'RetentionPeriodHours'],
  harmless: ['StreamEncryption', 'Tags', 'DesiredShardLevelMetrics', 'MaxRecordSizeInKiB'],
  async provision(properties, context) {
    const name = text(properties, 'Name') ?? generatedName(context.naming, context.logicalId);
    const shards = wantedShards(properties);
    const existing = await describe(name, context);
    if (!existing) {
      await context.engines.call(`${target}.CreateStream`, {
        StreamName: name,
        ShardCount: shards,
      });
    } else if (number(existing, 'OpenShardCount') !== shards) {
      context.warn(
        `ShardCount stays ${String(existing.OpenShardCount)} (serverless.yml says ${shards}): reshard the stream, or run "npm run reset"`,
      );
    }
    await waitUntilActive(name, context);
    await extendRetention(name, properties, context);
    return { ref: name, attributes: { Arn: arn(context.naming, 'kinesis', `stream/${name}`) } };
  },
};

function wantedShards(properties: Properties): number {
  const mode = text(record(properties, 'StreamModeDetails') ?? {}, 'StreamMode');
  if (mode === 'ON_DEMAND') return onDemandShards;
  return number(properties, 'ShardCount') ?? (mode === undefined ? onDemandShards : 1);
}

async function extendRetention(
  name: string,
  properties: Properties,
  context: KindContext,
): Promise<void> {
  const hours = number(properties, 'RetentionPeriodHours');
  const current = number((await describe(name, context)) ?? {}, 'RetentionPeriodHours') ?? 24;
  if (hours === undefined || hours === current) return;
  const operation =
    hours > current ? 'IncreaseStreamRetentionPeriod' : 'DecreaseStreamRetentionPeriod';
  // The engine keeps at most seven days, AWS up to a year; a laptop's stream needs no more.
  const bounded = Math.min(hours, 168);
  if (bounded === current) return;
  await context.engines.call(`${target}.${operation}`, {
    StreamName: name,
    RetentionPeriodHours: bounded,
  });
}

async function describe(name: string, context: KindContext): Promise<Properties | undefined> {
  try {
    const answer = await context.engines.call(`${target}.DescribeStreamSummary`, {
      StreamName: name,
    });
    return record(answer, 'StreamDescriptionSummary');
  } catch (error) {
    if (error instanceof EngineError && error.type === 'ResourceNotFoundException')
      return undefined;
    throw error;
  }
}

async function waitUntilActive(name: string, context: KindContext): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const stream = await describe(name, context);
    if (stream?.StreamStatus === 'ACTIVE') return;
    await sleep(50);
  }
  throw new LocalCloudError(
    'STREAM_NOT_READY',
    `The local stream ${name} did not become ready within 10 s: stop everything and start again.`,
  );
}
