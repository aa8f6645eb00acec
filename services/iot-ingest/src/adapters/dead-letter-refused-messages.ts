import { createHash } from 'node:crypto';
import type { DeadLetterStore } from '@millrace/middleware';
import type { ResultMessage } from '../domain/commands/record-result.ts';
import type { DeviceMessage } from '../domain/device-message.ts';

/** Refused messages among the dead letters of `source`, the function that refuses them. */
export function deadLetterRefusedMessages(deadLetters: DeadLetterStore, source: string) {
  return {
    keepOnce: (
      message: DeviceMessage | ResultMessage,
      { code, message: reason }: { readonly code: string; readonly message: string },
    ) =>
      deadLetters.addOnce({
        source,
        id: idOf(message),
        reason: { code, message: reason },
        payload: message.payload,
        arrivedAt: new Date(message.receivedAt).toISOString(),
        attributes: {
          deviceId: message.deviceId,
          ...('commandId' in message && { commandId: message.commandId }),
          ...(message.clientId !== undefined && { clientId: message.clientId }),
          ...(message.traceId !== undefined && { traceId: message.traceId }),
        },
      }),
  };
}

/** The same in every attempt of Lambda, another for every message. */
function idOf({ deviceId, traceId = '', receivedAt, payload }: DeviceMessage): string {
  return createHash('sha256')
    .update(`${deviceId}\n${traceId}\n${receivedAt}\n`)
    .update(payload)
    .digest('hex');
}
