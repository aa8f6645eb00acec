import { setTimeout as sleep } from 'node:timers/promises';
import { LocalCloudError } from '../../errors.ts';
import { EngineError } from '../aws-json.ts';
import { arn, generatedName } from '../names.ts';
import type { KindContext, Properties, ResourceKind } from './kind.ts';
import { number, record, text } from './properties.ts';

const target = 'Kinesis_20131202';

export const streamKind: ResourceKind = {
  type: 'AWS::Kinesis::Stream',
  supported: ['Name', 'ShardCount', 'StreamModeDetails', 'RetentionPeriodHours'],
  harmless: ['StreamEncryption', 'Tags', 'DesiredShardLevelMetrics', 'MaxRecordSizeInKiB'],
  async provision(properties, context) {
    const name = text(properties, 'Name') ?? generatedName(context.naming, context.logicalId);
    const capacity = wantedCapacity(properties);
    const existing = await describe(name, context);
    if (!existing) {
      await context.engines.call(`${target}.CreateStream`, { StreamName: name, ...capacity });
    } else if (capacity.ShardCount !== undefined) {
      warnOfOtherCount(name, existing, capacity.ShardCount, context);
    }
    await waitUntilActive(name, context);
    await extendRetention(name, properties, context);
    return { ref: name, attributes: { Arn: arn(context.naming, 'kinesis', `stream/${name}`) } };
  },
};

/** Without a mode and a count a stream is on demand, and AWS decides how many shards it has. */
function wantedCapacity(properties: Properties) {
  const mode = text(record(properties, 'StreamModeDetails') ?? {}, 'StreamMode');
  const ShardCount = number(properties, 'ShardCount');
  const isOnDemand = mode === 'ON_DEMAND' || (mode === undefined && ShardCount === undefined);
  if (isOnDemand) return { StreamModeDetails: { StreamMode: 'ON_DEMAND' } };
  return { ShardCount: ShardCount ?? 1 };
}

function warnOfOtherCount(
  name: string,
  existing: Properties,
  shards: number,
  context: KindContext,
): void {
  const open = number(existing, 'OpenShardCount');
  if (open === shards) return;
  context.warn(
    `ShardCount stays ${open} (serverless.yml says ${shards}): scale it with "aws kinesis update-shard-count --stream-name ${name} --target-shard-count ${shards} --scaling-type UNIFORM_SCALING", or run "npm run reset"`,
  );
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
