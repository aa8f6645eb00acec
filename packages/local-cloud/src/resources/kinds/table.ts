import { setTimeout as sleep } from 'node:timers/promises';
import { LocalCloudError } from '../../errors.ts';
import { EngineError } from '../aws-json.ts';
import { arn, generatedName } from '../names.ts';
import type { KindContext, Properties, ResourceKind } from './kind.ts';
import { flag, record, records, text } from './properties.ts';

const target = 'DynamoDB_20120810';

export const tableKind: ResourceKind = {
  type: 'AWS::DynamoDB::Table',
  supported: [
    'AttributeDefinitions',
    'BillingMode',
    'GlobalSecondaryIndexes',
    'KeySchema',
    'LocalSecondaryIndexes',
    'StreamSpecification',
    'TableName',
    'TimeToLiveSpecification',
  ],
  harmless: [
    'ContributorInsightsSpecification',
    'DeletionProtectionEnabled',
    'OnDemandThroughput',
    'PointInTimeRecoverySpecification',
    'ProvisionedThroughput',
    'ResourcePolicy',
    'SSESpecification',
    'TableClass',
    'Tags',
    'WarmThroughput',
  ],
  async provision(properties, context) {
    const name = text(properties, 'TableName') ?? generatedName(context.naming, context.logicalId);
    const existing = await describe(name, context);
    if (existing) await update(name, existing, properties, context);
    else await create(name, properties, context);
    await setTimeToLive(name, properties, context);
    const tableArn = arn(context.naming, 'dynamodb', `table/${name}`);
    const streamed = record(properties, 'StreamSpecification') !== undefined;
    return {
      ref: name,
      attributes: {
        Arn: tableArn,
        // The label `local` names the table's current stream, so a mapping keeps its identity when
        // the table is made anew.
        ...(streamed ? { StreamArn: `${tableArn}/stream/local` } : {}),
      },
    };
  },
};

async function create(name: string, properties: Properties, context: KindContext): Promise<void> {
  const stream = record(properties, 'StreamSpecification');
  const global = records(properties, 'GlobalSecondaryIndexes').map(withoutThroughput);
  const local = records(properties, 'LocalSecondaryIndexes');
  await context.engines.call(`${target}.CreateTable`, {
    TableName: name,
    AttributeDefinitions: properties.AttributeDefinitions,
    KeySchema: properties.KeySchema,
    BillingMode: 'PAY_PER_REQUEST',
    ...(global.length > 0 ? { GlobalSecondaryIndexes: global } : {}),
    ...(local.length > 0 ? { LocalSecondaryIndexes: local } : {}),
    ...(stream
      ? { StreamSpecification: { StreamEnabled: true, StreamViewType: stream.StreamViewType } }
      : {}),
  });
  await waitUntilActive(name, context);
}

async function update(
  name: string,
  existing: Properties,
  properties: Properties,
  context: KindContext,
): Promise<void> {
  if (keysOf(existing) !== keysOf(properties)) {
    throw new LocalCloudError(
      'TABLE_KEYS_CHANGED',
      `The local table ${name} has the keys ${keysOf(existing)}, serverless.yml now says ${keysOf(properties)}: keys cannot change; run "npm run reset" to start with empty tables.`,
    );
  }
  await updateStream(name, existing, properties, context);
  await addMissingIndexes(name, existing, properties, context);
}

async function updateStream(
  name: string,
  existing: Properties,
  properties: Properties,
  context: KindContext,
): Promise<void> {
  const wanted = text(record(properties, 'StreamSpecification') ?? {}, 'StreamViewType');
  const current = record(existing, 'StreamSpecification');
  const enabled = current !== undefined && flag(current, 'StreamEnabled', false);
  if (!wanted || (enabled && current?.StreamViewType === wanted)) return;
  if (enabled) {
    context.warn(
      `StreamViewType stays ${String(current?.StreamViewType)} until "npm run reset" makes the table anew`,
    );
    return;
  }
  await context.engines.call(`${target}.UpdateTable`, {
    TableName: name,
    StreamSpecification: { StreamEnabled: true, StreamViewType: wanted },
  });
  await waitUntilActive(name, context);
}

async function addMissingIndexes(
  name: string,
  existing: Properties,
  properties: Properties,
  context: KindContext,
): Promise<void> {
  const present = new Map(
    records(existing, 'GlobalSecondaryIndexes').map((index) => [index.IndexName, keysOf(index)]),
  );
  for (const index of records(properties, 'GlobalSecondaryIndexes')) {
    const keys = present.get(index.IndexName);
    if (keys === keysOf(index)) continue;
    if (keys !== undefined) {
      context.warn(
        `the index ${String(index.IndexName)} keeps its keys ${keys} until "npm run reset"`,
      );
      continue;
    }
    await context.engines.call(`${target}.UpdateTable`, {
      TableName: name,
      AttributeDefinitions: properties.AttributeDefinitions,
      GlobalSecondaryIndexUpdates: [{ Create: withoutThroughput(index) }],
    });
    await waitUntilActive(name, context);
  }
}

async function setTimeToLive(
  name: string,
  properties: Properties,
  context: KindContext,
): Promise<void> {
  const wanted = record(properties, 'TimeToLiveSpecification');
  if (!wanted) return;
  const answer = await context.engines.call(`${target}.DescribeTimeToLive`, { TableName: name });
  const current = record(answer, 'TimeToLiveDescription') ?? {};
  const enabled = ['ENABLED', 'ENABLING'].includes(String(current.TimeToLiveStatus));
  if (enabled === flag(wanted, 'Enabled', false)) return;
  await context.engines.call(`${target}.UpdateTimeToLive`, {
    TableName: name,
    TimeToLiveSpecification: {
      AttributeName: wanted.AttributeName,
      Enabled: flag(wanted, 'Enabled', false),
    },
  });
}

async function describe(name: string, context: KindContext): Promise<Properties | undefined> {
  try {
    const answer = await context.engines.call(`${target}.DescribeTable`, { TableName: name });
    return record(answer, 'Table');
  } catch (error) {
    if (error instanceof EngineError && error.type === 'ResourceNotFoundException')
      return undefined;
    throw error;
  }
}

async function waitUntilActive(name: string, context: KindContext): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const table = await describe(name, context);
    const building = records(table ?? {}, 'GlobalSecondaryIndexes').some(
      (index) => index.IndexStatus !== undefined && index.IndexStatus !== 'ACTIVE',
    );
    if (table?.TableStatus === 'ACTIVE' && !building) return;
    await sleep(50);
  }
  throw new LocalCloudError(
    'TABLE_NOT_READY',
    `The local table ${name} did not become ready within 10 s: stop everything and start again.`,
  );
}

/** `tenant (HASH, S), fileId (RANGE, S)`: comparable, and readable in an error. */
function keysOf(definition: Properties): string {
  return records(definition, 'KeySchema')
    .map((key) => `${String(key.AttributeName)} (${String(key.KeyType)})`)
    .join(', ');
}

function withoutThroughput(index: Properties): Properties {
  const { ProvisionedThroughput: _, OnDemandThroughput: __, WarmThroughput: ___, ...rest } = index;
  return rest;
}
