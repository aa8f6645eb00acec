import { InvokeCommand } from '@aws-sdk/client-lambda';
import type { Stage } from '../../stage/stage.ts';

/** Gives the function an event asynchronously, and answers Lambda's HTTP status. */
export async function sendEvent(
  stage: Stage,
  FunctionName: string,
  event: unknown,
): Promise<number | undefined> {
  const Payload = Buffer.from(JSON.stringify(event));
  const input = { FunctionName, InvocationType: 'Event', Payload } as const;
  const answer = await stage.clients.lambda.send(new InvokeCommand(input));
  return answer.StatusCode;
}

export function fail(): never {
  throw new Error('not today');
}

/** Long enough for a call that must not come. */
export const SILENCE_MS = 1_500;
