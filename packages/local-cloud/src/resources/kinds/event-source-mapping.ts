import { eventSettings, queueTrigger, streamTrigger } from '../events/mapping.ts';
import { functionNameOf } from '../names.ts';
import type { ResourceKind } from './kind.ts';
import { text } from './properties.ts';

/** A mapping written as a resource: what `stream` and `sqs` events become when deployed. */
export const eventSourceMappingKind: ResourceKind = {
  type: 'AWS::Lambda::EventSourceMapping',
  supported: [
    'BatchSize',
    'BisectBatchOnFunctionError',
    'DestinationConfig',
    'Enabled',
    'EventSourceArn',
    'FilterCriteria',
    'FunctionName',
    'FunctionResponseTypes',
    'MaximumBatchingWindowInSeconds',
    'MaximumRecordAgeInSeconds',
    'MaximumRetryAttempts',
    'ParallelizationFactor',
    'ScalingConfig',
    'StartingPosition',
    'StartingPositionTimestamp',
    'TumblingWindowInSeconds',
  ],
  harmless: ['KmsKeyArn', 'MetricsConfig', 'ProvisionedPollerConfig', 'Tags'],
  provision(properties, context) {
    const sourceArn = text(properties, 'EventSourceArn') ?? '';
    const functionName = functionNameOf(text(properties, 'FunctionName') ?? '');
    const settings = eventSettings(properties);
    const trigger =
      sourceArn.split(':')[2] === 'sqs'
        ? queueTrigger(functionName, sourceArn, settings)
        : streamTrigger(functionName, sourceArn, settings, context.warn);
    return Promise.resolve({
      ref: `${functionName}-${context.logicalId}`,
      attributes: { Id: `${functionName}-${context.logicalId}` },
      triggers: trigger ? [trigger] : [],
    });
  },
};
