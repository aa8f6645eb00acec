import { LocalCloudError } from '../errors.ts';
import type { TriggerDefinition } from '../ports.ts';
import { createRecordFilter } from './filters/event-filter.ts';
import { parseSchedule } from './schedule/expression.ts';

/**
 * Settings that the local cloud does not act on, or that AWS would refuse: one line each, for the
 * developer to see when the service registers.
 */
export function triggerWarnings(trigger: TriggerDefinition): string[] {
  const warnings: string[] = [];
  const invalid = invalidReason(trigger);
  if (invalid !== undefined) warnings.push(`${invalid} The trigger does not run.`);
  const warn = (condition: boolean, message: string) => {
    if (condition) warnings.push(message);
  };
  if (trigger.kind === 'kinesis' || trigger.kind === 'dynamodb') {
    const where = `${trigger.functionName}, ${trigger.sourceArn}`;
    warn(
      trigger.tumblingWindowSeconds > 0,
      `${where}: tumbling windows do not run locally: the function gets plain batches without window and state.`,
    );
    warn(
      trigger.maximumRetryAttempts < 0 && trigger.maximumRecordAgeSeconds < 0,
      `${where}: neither maximumRetryAttempts nor maximumRecordAgeInSeconds is set: one poison record blocks its shard until the retention ends.`,
    );
    warn(
      trigger.kind === 'dynamodb' && trigger.startingPosition === 'AT_TIMESTAMP',
      `${where}: DynamoDB Streams know no AT_TIMESTAMP; TRIM_HORIZON is used.`,
    );
    warn(
      trigger.onFailureArn !== undefined && !/^arn:[^:]+:(sqs|sns):/.test(trigger.onFailureArn),
      `${where}: the on-failure destination ${trigger.onFailureArn} is neither a queue nor a topic.`,
    );
  }
  if (trigger.kind === 'sqs') {
    warn(
      trigger.batchSize > 10 && trigger.batchWindowSeconds < 1,
      `${trigger.functionName}, ${trigger.sourceArn}: a batch size above 10 needs a batch window of at least 1 s.`,
    );
  }
  return warnings;
}

/** Why AWS would refuse the trigger, so that it does not run here either; undefined if it is fine. */
export function invalidReason(trigger: TriggerDefinition): string | undefined {
  try {
    if (trigger.kind === 'schedule') parseSchedule(trigger.expression);
    else if (trigger.kind !== 's3' && trigger.kind !== 'iot') {
      createRecordFilter(trigger.kind, trigger.filterPatterns);
    }
    return undefined;
  } catch (error) {
    if (error instanceof LocalCloudError) return error.message;
    throw error;
  }
}
