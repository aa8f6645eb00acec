import { EngineError } from '../aws-json.ts';
import { arn, generatedName } from '../names.ts';
import type { KindContext, Properties, ResourceKind } from './kind.ts';
import { flag, text } from './properties.ts';

const attributes = [
  'VisibilityTimeout',
  'MessageRetentionPeriod',
  'DelaySeconds',
  'MaximumMessageSize',
  'RedrivePolicy',
  'RedriveAllowPolicy',
  'ContentBasedDeduplication',
] as const;

export const queueKind: ResourceKind = {
  type: 'AWS::SQS::Queue',
  supported: ['QueueName', 'FifoQueue', 'ReceiveMessageWaitTimeSeconds', ...attributes],
  harmless: [
    'DeduplicationScope',
    'FifoThroughputLimit',
    'KmsDataKeyReusePeriodSeconds',
    'KmsMasterKeyId',
    'SqsManagedSseEnabled',
    'Tags',
  ],
  async provision(properties, context) {
    const fifo = flag(properties, 'FifoQueue', false);
    const generated = `${generatedName(context.naming, context.logicalId)}${fifo ? '.fifo' : ''}`;
    const name = text(properties, 'QueueName') ?? generated;
    await ensureQueue(name, queueAttributes(properties), fifo, context);
    return {
      ref: `${context.edgeUrl}/${context.naming.accountId}/${name}`,
      attributes: {
        Arn: arn(context.naming, 'sqs', name),
        QueueName: name,
        QueueUrl: `${context.edgeUrl}/${context.naming.accountId}/${name}`,
      },
    };
  },
};

async function ensureQueue(
  name: string,
  wanted: Record<string, string>,
  fifo: boolean,
  context: KindContext,
): Promise<void> {
  const url = await queueUrl(name, context);
  if (url === undefined) {
    await context.engines.call('AmazonSQS.CreateQueue', {
      QueueName: name,
      Attributes: { ...wanted, ...(fifo ? { FifoQueue: 'true' } : {}) },
    });
  } else if (Object.keys(wanted).length > 0) {
    await context.engines.call('AmazonSQS.SetQueueAttributes', {
      QueueUrl: url,
      Attributes: wanted,
    });
  }
}

async function queueUrl(name: string, context: KindContext): Promise<string | undefined> {
  try {
    const answer = await context.engines.call('AmazonSQS.GetQueueUrl', { QueueName: name });
    return text(answer, 'QueueUrl');
  } catch (error) {
    if (error instanceof EngineError && /NonExistentQueue|QueueDoesNotExist/.test(error.type)) {
      return undefined;
    }
    throw error;
  }
}

function queueAttributes(properties: Properties): Record<string, string> {
  const wanted: Record<string, string> = {};
  const names = [...attributes, 'ReceiveMessageWaitTimeSeconds'];
  for (const name of names) {
    const value = properties[name];
    if (value === undefined) continue;
    wanted[name] = typeof value === 'object' ? JSON.stringify(value) : String(value);
  }
  return wanted;
}
