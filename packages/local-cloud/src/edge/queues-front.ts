import type { IncomingMessage, ServerResponse } from 'node:http';
import type { QueuesEngine } from '../engines/queues.ts';
import type { Nudge } from '../ports.ts';
import { readBody, replayRequest } from './message.ts';

/** Ten messages of 1 MiB, escaped. */
const MAX_REQUEST_BYTES = 22 * 1024 * 1024;

/** Hands SQS requests to the engine and tells pollers of what was sent. */
export async function handleQueues(
  engine: QueuesEngine,
  nudge: Nudge,
  operation: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (!operation.startsWith('SendMessage')) {
    engine.handle(request, response);
    return;
  }
  const body = await readBody(request, MAX_REQUEST_BYTES);
  const name = /"QueueUrl"\s*:\s*"[^"]*\/([^"/]+)"/.exec(body.toString('utf8'))?.[1];
  if (name !== undefined) {
    response.once('finish', () => {
      if (response.statusCode === 200) nudge({ kind: 'sqs', name });
    });
  }
  engine.handle(replayRequest(request, body), response);
}
