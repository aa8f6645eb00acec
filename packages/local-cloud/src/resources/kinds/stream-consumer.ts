import { EngineError } from '../aws-json.ts';
import type { KindContext, ResourceKind } from './kind.ts';
import { record, text } from './properties.ts';

const target = 'Kinesis_20131202';

/** Mappings of the consumer and of its stream read the same records, each at its own pace. */
export const streamConsumerKind: ResourceKind = {
  type: 'AWS::Kinesis::StreamConsumer',
  supported: ['ConsumerName', 'StreamARN'],
  harmless: ['Tags'],
  async provision(properties, context) {
    const StreamARN = text(properties, 'StreamARN') ?? '';
    const ConsumerName = text(properties, 'ConsumerName') ?? context.logicalId;
    await register({ StreamARN, ConsumerName }, context);
    const answer = await context.engines.call(`${target}.DescribeStreamConsumer`, {
      ...{ StreamARN, ConsumerName },
    });
    const attributes = record(answer, 'ConsumerDescription') ?? {};
    return { ref: text(attributes, 'ConsumerARN') ?? '', attributes };
  },
};

async function register(
  consumer: { readonly StreamARN: string; readonly ConsumerName: string },
  context: KindContext,
): Promise<void> {
  try {
    await context.engines.call(`${target}.RegisterStreamConsumer`, consumer);
  } catch (error) {
    // It is there from an earlier start.
    if (!(error instanceof EngineError) || error.type !== 'ResourceInUseException') throw error;
  }
}
