import { PermanentError } from '@millrace/middleware';
import { describeViolations, validate } from '@millrace/types';
import * as z from 'zod/mini';
import type { ResultMessage } from '../domain/commands/record-result.ts';
import type { DeviceMessage } from '../domain/device-message.ts';

/** What the topic rules in `resources/rules.yml` select. */
const selected = {
  /** The payload's bytes, base64. */
  data: z.string(),
  deviceId: z.string(),
  receivedAt: z.int(),
  clientId: z.optional(z.string()),
  traceId: z.optional(z.string()),
};
const RuleEvent = z.object(selected);
const ResultRuleEvent = z.object({ ...selected, commandId: z.string() });

/** `clientid()` of a message that did not come over MQTT. */
const NO_CLIENT = 'n/a';

/**
 * @throws PermanentError when the function was invoked by something else than its rule: Lambda's
 * retries fail as well and the event ends in the failures queue.
 */
export function readRuleEvent(event: unknown): DeviceMessage {
  return messageOf(selectedBy(RuleEvent, event));
}

/** @throws as readRuleEvent does */
export function readResultEvent(event: unknown): ResultMessage {
  const selection = selectedBy(ResultRuleEvent, event);
  return { ...messageOf(selection), commandId: selection.commandId };
}

function selectedBy<S extends z.ZodMiniType>(schema: S, event: unknown): z.infer<S> {
  const validated = validate(schema, event);
  if (validated.ok) return validated.value;
  throw new PermanentError(
    'rule_event_invalid',
    `This is not what the topic rule selects: ${describeViolations(validated.violations)}`,
  );
}

function messageOf({
  data,
  deviceId,
  receivedAt,
  clientId,
  traceId,
}: z.infer<typeof RuleEvent>): DeviceMessage {
  return {
    deviceId,
    clientId: clientId?.toLowerCase() === NO_CLIENT ? undefined : clientId,
    traceId,
    receivedAt,
    payload: Buffer.from(data, 'base64'),
  };
}
