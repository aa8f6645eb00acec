import {
  type CommandResultItem,
  CommandResultMessage,
  DEFAULT_DEVICE_QUOTA,
  DeviceId,
  describeViolations,
  validate,
} from '@millrace/types';
import type { DeviceMessage } from '../device-message.ts';
import { parseJson } from '../parse-json.ts';
import type { DeviceQuotas } from '../quota/device-quotas.ts';

/** What a device published on `devices/{deviceId}/commands/{commandId}/result`, not yet believed. */
export interface ResultMessage extends DeviceMessage {
  readonly commandId: string;
}

/** `repeated`: a result was there before, which stays. */
export type Recording = 'recorded' | 'late' | 'repeated' | 'unknown';

export interface CommandResults {
  /**
   * Ends a command that is `sent` with its result; after its time it is `timed_out`, with the result
   * beside it. Whatever has ended stays as it is.
   */
  record(deviceId: string, commandId: string, result: CommandResultItem): Promise<Recording>;
}

export type ResultRefusalCode =
  | 'device_mismatch'
  | 'result_not_json'
  | 'result_invalid'
  | 'command_unknown';

export interface RefusedResults {
  /** Keeps the message and the reason for operators; idempotent. */
  keepOnce(
    message: ResultMessage,
    refusal: { readonly code: ResultRefusalCode; readonly message: string },
  ): Promise<void>;
}

export interface ResultPorts {
  readonly commands: CommandResults;
  readonly refused: RefusedResults;
  readonly quotas: DeviceQuotas;
}

/** DynamoDB keys end at 1,024 bytes; no id of ours comes near this. */
const COMMAND_ID = /^[A-Za-z0-9-]{1,64}$/;

/**
 * Records what a device says of a command. Good results always; what is refused counts against the
 * sender's quota and is kept up to it. Safe to repeat at any point.
 *
 * @throws whatever a port cannot do now; the invocation is then retried
 */
export async function recordResult(
  message: ResultMessage,
  ports: ResultPorts,
): Promise<Recording | 'refused' | 'over_quota'> {
  const read = readResult(message);
  if ('code' in read) return refuse(message, read, ports);
  const recording = await ports.commands.record(message.deviceId, message.commandId, read.result);
  if (recording !== 'unknown') return recording;
  const reason = 'The device was sent no such command, or it is forgotten.';
  return refuse(message, { code: 'command_unknown', message: reason }, ports);
}

async function refuse(
  message: ResultMessage,
  refusal: { readonly code: ResultRefusalCode; readonly message: string },
  { quotas, refused }: ResultPorts,
): Promise<'refused' | 'over_quota'> {
  const sender = message.clientId ?? message.deviceId;
  const quota = await quotas.take(sender, message.receivedAt, DEFAULT_DEVICE_QUOTA);
  if (!quota.isTaken) return 'over_quota';
  await refused.keepOnce(message, refusal);
  return 'refused';
}

function readResult({
  deviceId,
  clientId,
  commandId,
  receivedAt,
  payload,
}: ResultMessage):
  | { readonly result: CommandResultItem }
  | { readonly code: ResultRefusalCode; readonly message: string } {
  if (!validate(DeviceId, deviceId).ok || (clientId !== undefined && clientId !== deviceId)) {
    return { code: 'device_mismatch', message: 'A device tells results of its own commands only.' };
  }
  if (!COMMAND_ID.test(commandId)) {
    return { code: 'command_unknown', message: 'No command has such an id.' };
  }
  const document = parseJson(payload);
  if (document === undefined) {
    return { code: 'result_not_json', message: 'The payload is not JSON in UTF-8.' };
  }
  const validated = validate(CommandResultMessage, document.value);
  if (!validated.ok) {
    const violations = describeViolations(validated.violations);
    return { code: 'result_invalid', message: `The payload is no result: ${violations}` };
  }
  const { outcome, payload: said } = validated.value;
  return {
    result: {
      outcome,
      ...(said !== undefined && { payload: JSON.stringify(said) }),
      at: receivedAt,
    },
  };
}
