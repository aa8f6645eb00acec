import type { QueueTrigger, StreamTrigger } from '../../ports.ts';
import { isRecord } from '../intrinsics.ts';
import type { Properties } from '../kinds/kind.ts';
import { flag, number, record, records, text, texts } from '../kinds/properties.ts';

/**
 * A Kinesis or DynamoDB mapping from settings in the words of the Serverless Framework's `stream`
 * event, with Lambda's defaults: https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
 */
export function streamTrigger(
  functionName: string,
  sourceArn: string,
  settings: Properties,
  warn: (message: string) => void,
): StreamTrigger | undefined {
  const kind = sourceArn.split(':')[2];
  if (kind !== 'kinesis' && kind !== 'dynamodb') {
    warn(`a stream event of ${sourceArn} is not supported: only Kinesis and DynamoDB streams are`);
    return undefined;
  }
  const timestamp = number(settings, 'startingPositionTimestamp');
  const onFailureArn = destinationArn(settings);
  return {
    kind,
    functionName,
    sourceArn: withoutConsumer(sourceArn),
    enabled: flag(settings, 'enabled', true),
    batchSize: number(settings, 'batchSize') ?? 100,
    batchWindowSeconds: number(settings, 'batchWindow') ?? 0,
    startingPosition: startingPosition(settings, warn),
    // Written in seconds, as CloudFormation has it.
    ...(timestamp === undefined ? {} : { startingPositionTimestamp: timestamp * 1000 }),
    parallelizationFactor: number(settings, 'parallelizationFactor') ?? 1,
    maximumRetryAttempts: number(settings, 'maximumRetryAttempts') ?? -1,
    maximumRecordAgeSeconds: number(settings, 'maximumRecordAgeInSeconds') ?? -1,
    bisectBatchOnFunctionError: flag(settings, 'bisectBatchOnFunctionError', false),
    reportBatchItemFailures: reportsItemFailures(settings),
    tumblingWindowSeconds: number(settings, 'tumblingWindowInSeconds') ?? 0,
    ...(onFailureArn === undefined ? {} : { onFailureArn }),
    filterPatterns: filterPatterns(settings),
  };
}

/** An SQS mapping from the Serverless Framework's `sqs` event settings, with Lambda's defaults. */
export function queueTrigger(
  functionName: string,
  sourceArn: string,
  settings: Properties,
): QueueTrigger {
  const maximumConcurrency = number(settings, 'maximumConcurrency');
  return {
    kind: 'sqs',
    functionName,
    sourceArn,
    enabled: flag(settings, 'enabled', true),
    batchSize: number(settings, 'batchSize') ?? 10,
    batchWindowSeconds:
      number(settings, 'maximumBatchingWindow') ?? number(settings, 'batchWindow') ?? 0,
    ...(maximumConcurrency === undefined ? {} : { maximumConcurrency }),
    reportBatchItemFailures: reportsItemFailures(settings),
    filterPatterns: filterPatterns(settings),
  };
}

/** The properties of `AWS::Lambda::EventSourceMapping` in the words of the framework's events. */
export function eventSettings(properties: Properties): Properties {
  const onFailure = record(record(properties, 'DestinationConfig') ?? {}, 'OnFailure');
  const filters = records(record(properties, 'FilterCriteria') ?? {}, 'Filters');
  return {
    batchSize: properties.BatchSize,
    batchWindow: properties.MaximumBatchingWindowInSeconds,
    bisectBatchOnFunctionError: properties.BisectBatchOnFunctionError,
    enabled: properties.Enabled,
    filterPatterns: properties.FilterCriteria && filters.map(({ Pattern }) => Pattern),
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

function startingPosition(
  settings: Properties,
  warn: (message: string) => void,
): StreamTrigger['startingPosition'] {
  const wanted = text(settings, 'startingPosition') ?? 'TRIM_HORIZON';
  if (wanted === 'LATEST' || wanted === 'TRIM_HORIZON' || wanted === 'AT_TIMESTAMP') return wanted;
  warn(`startingPosition ${wanted} is not known; TRIM_HORIZON is taken`);
  return 'TRIM_HORIZON';
}

function reportsItemFailures(settings: Properties): boolean {
  return text(settings, 'functionResponseType') === 'ReportBatchItemFailures';
}

function filterPatterns(settings: Properties): readonly unknown[] {
  return Array.isArray(settings.filterPatterns) ? settings.filterPatterns : [];
}

/** `destinations.onFailure` is an ARN, or `{arn, type}` where the ARN is an intrinsic. */
function destinationArn(settings: Properties): string | undefined {
  const destinations = isRecord(settings.destinations) ? settings.destinations : {};
  const target = destinations.onFailure;
  return isRecord(target) ? text(target, 'arn') : text(destinations, 'onFailure');
}

/** A consumer of enhanced fan-out reads the same stream. */
function withoutConsumer(sourceArn: string): string {
  return sourceArn.replace(/\/consumer\/[^/]+$/, '');
}
