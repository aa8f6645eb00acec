import type { ResourceKind } from './kind.ts';
import { text } from './properties.ts';

/**
 * Enhanced fan-out buys a reader of its own throughput; locally every reader has that. So a consumer
 * is its stream under another ARN, and mappings of either read the same records.
 */
export const streamConsumerKind: ResourceKind = {
  type: 'AWS::Kinesis::StreamConsumer',
  supported: ['ConsumerName', 'StreamARN'],
  harmless: ['Tags'],
  provision(properties, context) {
    const streamArn = text(properties, 'StreamARN') ?? '';
    const name = text(properties, 'ConsumerName') ?? context.logicalId;
    const consumerArn = `${streamArn}/consumer/${name}:1`;
    return Promise.resolve({
      ref: consumerArn,
      attributes: { ConsumerARN: consumerArn, ConsumerName: name, StreamARN: streamArn },
    });
  },
};
