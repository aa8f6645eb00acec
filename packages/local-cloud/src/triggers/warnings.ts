import { LocalCloudError } from '../errors.ts';
import type { QueueTrigger, StreamTrigger, TriggerDefinition } from '../ports.ts';
import { createRecordFilter } from './filters/event-filter.ts';
import { FILTERS, mappingRefusal } from './mapping-limits.ts';
import { parseSchedule } from './schedule/expression.ts';

/**
 * Settings that the local cloud does not act on, that AWS would refuse, or that are a trap: one line
 * each, for the developer to see when the service registers.
 */
export function triggerWarnings(trigger: TriggerDefinition): string[] {
  const invalid = invalidReason(trigger);
  if (invalid !== undefined) return [`${invalid} The trigger does not run.`];
  const warnings: string[] = [];
  if (
    isStream(trigger) &&
    trigger.maximumRetryAttempts < 0 &&
    trigger.maximumRecordAgeSeconds < 0
  ) {
    warnings.push(
      `${placeOf(trigger)}: neither maximumRetryAttempts nor maximumRecordAgeInSeconds is set: one poison record blocks its shard until the retention ends.`,
    );
  }
  if (isMapping(trigger) && trigger.filterPatterns.length > FILTERS.without) {
    warnings.push(
      `${placeOf(trigger)}: more than ${FILTERS.without} filters have to be asked for at AWS (a quota of Lambda).`,
    );
  }
  return warnings;
}

/** Why AWS would refuse the trigger, so that it does not run here either; undefined if it is fine. */
export function invalidReason(trigger: TriggerDefinition): string | undefined {
  try {
    if (trigger.kind === 'schedule') parseSchedule(trigger.expression);
    if (!isMapping(trigger)) return undefined;
    createRecordFilter(trigger.kind, trigger.filterPatterns);
    const refusal = mappingRefusal(trigger);
    return refusal === undefined ? undefined : `${placeOf(trigger)}: ${refusal}`;
  } catch (error) {
    if (error instanceof LocalCloudError) return error.message;
    throw error;
  }
}

function isStream(trigger: TriggerDefinition): trigger is StreamTrigger {
  return trigger.kind === 'kinesis' || trigger.kind === 'dynamodb';
}

function isMapping(trigger: TriggerDefinition): trigger is StreamTrigger | QueueTrigger {
  return isStream(trigger) || trigger.kind === 'sqs';
}

const placeOf = ({ functionName, sourceArn }: StreamTrigger | QueueTrigger) =>
  `${functionName}, ${sourceArn}`;
