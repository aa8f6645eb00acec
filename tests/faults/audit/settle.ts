import { setTimeout as sleep } from 'node:timers/promises';
import {
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import type { Platform } from '../platform/platform.ts';
import type { Run } from '../workload/run.ts';
import type { Ledger } from './ledger.ts';

const LOOK_MS = 10;
/** How long what runs is waited for while time is held. */
const STILL_MS = 2_000;

/** What reached an on-failure destination because its retries were used up. */
export interface GivenUp {
  readonly queue: string;
  readonly functionName: string;
  readonly condition: string;
  /** The whole input, as an asynchronous invocation's record has it; undefined for a stream's batch. */
  readonly payload: unknown;
  /** Of work on an upload: the message as it was in the queue of this kind. */
  readonly work?: { readonly kind: string; readonly body: string };
}

const QUEUES = [
  'stream-analytics-failures',
  'file-processing-failures',
  'iot-ingest-failures',
  'iot-ingest-rule-errors',
  'etl-failures',
].map((name) => `millrace-local-${name}`);

/** Resolves when nothing is queued, runs or is unread; false when that is not so within the limit. */
export async function becomesQuiet(
  { platform, clients }: Run,
  ledger: Ledger,
  limitMs: number,
): Promise<boolean> {
  const until = performance.now() + limitMs;
  const isDone = async () => (await isWorkedOff(clients)) && (await readOn(ledger));
  do {
    // Twice in a row: what one reading missed on its way from here to there the other finds.
    if ((await isDone()) && (await isStill(platform, isDone))) return true;
    await sleep(LOOK_MS);
  } while (performance.now() < until);
  return false;
}

/**
 * Looks while no time is skipped: else what is scheduled each minute begins again and again while a
 * slow machine looks, and nothing is ever at rest.
 */
async function isStill(platform: Platform, isDone: () => Promise<boolean>): Promise<boolean> {
  const release = platform.holdTime();
  try {
    const until = performance.now() + STILL_MS;
    while (!isIdle(platform) && performance.now() < until) await sleep(LOOK_MS);
    return isIdle(platform) && (await isDone()) && isIdle(platform);
  } finally {
    release();
  }
}

/** A reading may still meet the fault that it was given: the next one will tell. */
function readOn(ledger: Ledger): Promise<boolean> {
  return ledger.readOn().catch(() => false);
}

function isIdle({ cloud, running }: Platform): boolean {
  const { queued, inFlight, destinations } = cloud.status().asynchronousInvocations;
  return running() === 0 && queued + inFlight + destinations === 0;
}

/** Nothing waits in a work queue, is hidden by whoever works on it, or has yet to appear. */
async function isWorkedOff({ sqs }: Run['clients']): Promise<boolean> {
  try {
    const { QueueUrls = [] } = await sqs.send(
      new ListQueuesCommand({ QueueNamePrefix: 'millrace-local-work-' }),
    );
    const depths = await Promise.all(
      QueueUrls.map(async (QueueUrl) => {
        const { Attributes = {} } = await sqs.send(
          new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }),
        );
        const { ApproximateNumberOfMessages = 0, ApproximateNumberOfMessagesNotVisible = 0 } =
          Attributes;
        const delayed = Number(Attributes.ApproximateNumberOfMessagesDelayed ?? 0);
        return (
          Number(ApproximateNumberOfMessages) +
          Number(ApproximateNumberOfMessagesNotVisible) +
          delayed
        );
      }),
    );
    return depths.every((depth) => depth === 0);
  } catch {
    // A request may meet the fault that it was given: the next one will tell.
    return false;
  }
}

/** Empties the on-failure destinations. */
export async function takeGivenUp({ clients: { sqs } }: Run): Promise<GivenUp[]> {
  const found = await Promise.all(
    QUEUES.map(async (queue) => {
      const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: queue }));
      const taken: GivenUp[] = [];
      for (;;) {
        const { Messages = [] } = await sqs.send(
          new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
        );
        if (Messages.length === 0) return taken;
        for (const { Body = '', ReceiptHandle } of Messages) {
          taken.push(givenUp(queue, Body));
          await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
        }
      }
    }),
  );
  return found.flat();
}

function givenUp(queue: string, body: string): GivenUp {
  const { requestContext, requestPayload, kind, version } = JSON.parse(body) as {
    requestContext?: { functionArn: string; condition: string };
    requestPayload?: unknown;
    kind?: string;
    version?: unknown;
  };
  const isWork = kind !== undefined && version !== undefined;
  return {
    queue,
    functionName: /:function:([^:]+)/.exec(requestContext?.functionArn ?? '')?.[1] ?? '',
    condition: requestContext?.condition ?? body,
    payload: requestPayload,
    ...(isWork && { work: { kind, body } }),
  };
}

/** Sends the whole input once more, as an operator does when the trouble is over. */
export async function redrive(
  { platform, clients: { sqs } }: Run,
  { functionName, payload, work }: GivenUp,
): Promise<void> {
  if (work) {
    const QueueName = `millrace-local-work-${work.kind}`;
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName }));
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: work.body }));
    return;
  }
  const url = `${platform.cloud.edgeUrl}/2015-03-31/functions/${functionName}/invocations`;
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(payload) });
  const text = await response.text();
  if (!response.ok || response.headers.has('x-amz-function-error')) {
    throw new Error(`${functionName} fails also without faults: ${response.status} ${text}`);
  }
}
