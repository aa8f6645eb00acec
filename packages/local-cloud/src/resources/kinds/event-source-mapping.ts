import { queueTrigger, streamTrigger } from '../events/mapping.ts';
import { functionNameOf } from '../names.ts';
import type { Properties, ResourceKind } from './kind.ts';
import { record, records, text, texts } from './properties.ts';

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
    const settings = asEvent(properties);
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

/** The resource's property names → those of the Serverless Framework's events. */
function asEvent(properties: Properties): Properties {
  const onFailure = record(record(properties, 'DestinationConfig') ?? {}, 'OnFailure');
  const patterns = records(record(properties, 'FilterCriteria') ?? {}, 'Filters');
  return {
    batchSize: properties.BatchSize,
    batchWindow: properties.MaximumBatchingWindowInSeconds,
    bisectBatchOnFunctionError: properties.BisectBatchOnFunctionError,
    enabled: properties.Enabled,
    filterPatterns: patterns.map(({ Pattern }) => parsePattern(Pattern)),
    functionResponseType: texts(properties, 'FunctionResponseTypes')[0],
    maximumConcurrency: record(properties, 'ScalingConfig')?.MaximumConcurrency,
    maximumRecordAgeInSeconds: properties.MaximumRecordAgeInSeconds,
    maximumRetryAttempts: properties.MaximumRetryAttempts,
    parallelizationFactor: properties.ParallelizationFactor,
    startingPosition: properties.StartingPosition,
    startingPositionTimestamp: properties.StartingPositionTimestamp,
    tumblingWindowInSeconds: properties.TumblingWindowInSeconds,
    ...(onFailure ? { destinations: { onFailure: onFailure.Destination } } : {}),
  };
}

function parsePattern(pattern: unknown): unknown {
  return typeof pattern === 'string' ? JSON.parse(pattern) : pattern;
}
