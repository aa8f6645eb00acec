import { PermanentError } from '@millrace/middleware';
import { describeViolations, validate } from '@millrace/types';
import * as z from 'zod/mini';
import type { DeviceMessage } from '../domain/device-message.ts';

/** What the topic rule in `resources/rules.yml` selects. */
const RuleEvent = z.object({
  /** The payload's bytes, base64. */
  data: z.string(),
  deviceId: z.string(),
  receivedAt: z.int(),
  clientId: z.optional(z.string()),
  traceId: z.optional(z.string()),
});

/** `clientid()` of a message that did not come over MQTT. */
const NO_CLIENT = 'n/a';

/**
 * @throws PermanentError when the function was invoked by something else than its rule: Lambda's
 * retries fail as well and the event ends in the failures queue.
 */
export function readRuleEvent(event: unknown): DeviceMessage {
  const validated = validate(RuleEvent, event);
  if (!validated.ok) {
    throw new PermanentError(
      'rule_event_invalid',
      `This is not what the topic rule selects: ${describeViolations(validated.violations)}`,
    );
  }
  const { data, deviceId, receivedAt, clientId, traceId } = validated.value;
  return {
    deviceId,
    clientId: clientId?.toLowerCase() === NO_CLIENT ? undefined : clientId,
    traceId,
    receivedAt,
    payload: Buffer.from(data, 'base64'),
  };
}
