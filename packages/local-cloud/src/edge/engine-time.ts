import type { IncomingMessage, ServerResponse } from 'node:http';
import { arrivalSecond } from '../dynamodb/arrival-second.ts';
import type { MovableClock } from '../movable-clock.ts';
import { rewriteAnswer } from './lost-answer.ts';
import { readBody, replayRequest } from './message.ts';
import type { Route } from './route.ts';

const MAX_REQUEST_BYTES = 1024 * 1024;

type Rewrite = (text: string, clock: MovableClock) => string;

/**
 * The engines of Kinesis, DynamoDB and SQS note times by the machine's clock, which nobody moves. What
 * they noted is told as the cloud's clock showed it then, and instants that clients ask from are told
 * to the engine as the machine's. A name in these JSON answers cannot be a user's: users' texts are
 * escaped, and their attributes are objects.
 */
const ANSWERS: Record<string, Rewrite> = {
  'kinesis GetRecords': inSeconds(/("ApproximateArrivalTimestamp":)([\d.eE+]+)/g),
  'dynamodb-streams GetRecords': inSeconds(/("ApproximateCreationDateTime":)([\d.eE+]+)/g),
  'sqs ReceiveMessage': (text, clock) =>
    text.replace(
      /("(?:SentTimestamp|ApproximateFirstReceiveTimestamp)":")(\d+)/g,
      (_, name: string, ms: string) => `${name}${clock.arrivalOf(Number(ms))}`,
    ),
};

const toMachine: Rewrite = (text, clock) =>
  text.replace(
    /("Timestamp"\s*:\s*)([\d.eE+]+)/g,
    (_, name: string, seconds: string) =>
      `${name}${clock.beneath(Number(seconds) * 1_000) / 1_000}`,
  );
const REQUESTS: Record<string, Rewrite> = {
  'kinesis GetShardIterator': toMachine,
  'kinesis ListShards': toMachine,
  'kinesis SubscribeToShard': toMachine,
};

/** Costs nothing as long as the clock has not been moved. */
export async function withEngineTime(
  clock: MovableClock,
  route: Route,
  request: IncomingMessage,
  response: ServerResponse,
  handle: (request: IncomingMessage) => Promise<void> | void,
): Promise<void> {
  if (clock.offsetMs === 0 || !('operation' in route)) return handle(request);
  const call = `${route.service} ${route.operation}`;
  const asked = REQUESTS[call];
  const told = ANSWERS[call];
  if (told) rewriteAnswer(response, (text) => told(text, clock));
  if (!asked) return handle(request);
  const body = (await readBody(request, MAX_REQUEST_BYTES)).toString('utf8');
  return handle(replayRequest(request, Buffer.from(asked(body, clock))));
}

/** Kinesis has fractions of a second, DynamoDB whole ones. */
function inSeconds(pattern: RegExp): Rewrite {
  return (text, clock) =>
    text.replace(pattern, (_, name: string, value: string) => {
      const seconds = Number(value);
      if (!Number.isInteger(seconds)) return `${name}${clock.arrivalOf(seconds * 1_000) / 1_000}`;
      return `${name}${arrivalSecond(clock, seconds)}`;
    });
}
