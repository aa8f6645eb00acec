import {
  ConflictException,
  DeleteThingShadowCommand,
  GetThingShadowCommand,
  InvalidRequestException,
  type IoTDataPlaneClient,
  RequestEntityTooLargeException,
  ResourceNotFoundException,
  UpdateThingShadowCommand,
} from '@aws-sdk/client-iot-data-plane';
import { ProblemError } from '@millrace/types';
import { preconditionFailed, type Shadow, type Shadows } from '../domain/shadows/shadows.ts';

interface ShadowDocument {
  readonly state?: Partial<Record<'desired' | 'reported' | 'delta', Record<string, unknown>>>;
  readonly version?: number;
}

/** The classic shadow of AWS IoT. https://docs.aws.amazon.com/iot/latest/developerguide/device-shadow-document.html */
export function iotShadows(client: IoTDataPlaneClient): Shadows {
  return {
    async find(thingName) {
      try {
        const { payload } = await client.send(new GetThingShadowCommand({ thingName }));
        return shadowOf(JSON.parse(Buffer.from(payload ?? []).toString()));
      } catch (error) {
        if (error instanceof ResourceNotFoundException) return undefined;
        throw error;
      }
    },
    async mergeDesired(thingName, desired, version) {
      const document = { state: { desired }, ...(version !== undefined && { version }) };
      const payload = Buffer.from(JSON.stringify(document));
      try {
        await client.send(new UpdateThingShadowCommand({ thingName, payload }));
      } catch (error) {
        throw refusalOf(error);
      }
    },
    remove: (thingName) => removeShadow(client, thingName),
  };
}

/** The classic shadow of a thing; what is gone is gone. */
export async function removeShadow(client: IoTDataPlaneClient, thingName: string): Promise<void> {
  try {
    await client.send(new DeleteThingShadowCommand({ thingName }));
  } catch (error) {
    if (!(error instanceof ResourceNotFoundException)) throw error;
  }
}

function shadowOf({ state = {}, version = 0 }: ShadowDocument): Shadow {
  const { desired = {}, reported = {}, delta = {} } = state;
  return { desired, reported, delta, version };
}

function refusalOf(error: unknown): unknown {
  if (error instanceof ConflictException) return preconditionFailed(error);
  if (error instanceof RequestEntityTooLargeException) {
    return new ProblemError('payload_too_large', 'The state of a device has at most 8 KiB.', {
      cause: error,
    });
  }
  if (error instanceof InvalidRequestException) {
    return new ProblemError(
      'invalid_request',
      'AWS IoT does not take this state: it may be nested too deeply, or hold a name that it keeps for itself.',
      { cause: error },
    );
  }
  return error;
}
