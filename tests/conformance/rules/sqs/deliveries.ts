import { GetQueueAttributesCommand, SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import type { Queue } from '../../stage/queues.ts';
import type { Performer, Stage } from '../../stage/stage.ts';
import type { MappingSettings } from '../../subjects/subject.ts';

/** What a function gets from a queue. */
export interface QueueEvent {
  readonly Records: readonly QueueRecord[];
}

export interface QueueRecord {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly messageAttributes: Readonly<Record<string, unknown>>;
  readonly md5OfBody: string;
  readonly eventSource: string;
  readonly eventSourceARN: string;
  readonly awsRegion: string;
}

/** Longer than a function takes to start, short enough to wait for the next reception. */
export const VISIBILITY_SECONDS = 4;

/** For queues where nothing is to come again: however slow the machine, nothing is received twice. */
export const LONG_VISIBILITY = { VisibilityTimeout: '30' };

/** A queue whose messages come again soon, and a function with a timeout to match. */
export async function consume(
  stage: Stage,
  play: (event: QueueEvent, attempt: number) => unknown,
  mapping: Partial<MappingSettings> = {},
  options: {
    readonly queue?: Parameters<Stage['queue']>[0];
    readonly function?: Parameters<Stage['function']>[1];
    readonly bodies?: readonly string[];
  } = {},
): Promise<{ queue: Queue; performer: Performer }> {
  const attributes = { VisibilityTimeout: String(VISIBILITY_SECONDS), ...options.queue };
  const queue = await stage.queue(attributes);
  await send(stage, queue, options.bodies ?? []);
  const performer = await stage.function(play, { timeoutSeconds: 2, ...options.function });
  await stage.map(performer, queue.arn, mapping);
  return { queue, performer };
}

export async function send(stage: Stage, queue: Queue, bodies: readonly string[]): Promise<void> {
  for (let first = 0; first < bodies.length; first += 10) {
    const Entries = bodies
      .slice(first, first + 10)
      .map((MessageBody, index) => ({ Id: String(index), MessageBody }));
    await stage.clients.sqs.send(new SendMessageBatchCommand({ QueueUrl: queue.url, Entries }));
  }
}

/** The bodies of all messages that the function got, in order. */
export const bodiesOf = (performer: Performer): string[] =>
  performer.calls<QueueEvent>().flatMap(({ event }) => event.Records.map(({ body }) => body));

/** Waits until the function was given so many messages and is done with them. */
export async function delivered(
  stage: Stage,
  performer: Performer,
  count: number,
): Promise<readonly string[]> {
  return stage.eventually(`${count} deliveries`, () => {
    const idle = performer.calls().every(({ endedAt }) => endedAt !== undefined);
    const bodies = bodiesOf(performer);
    return idle && bodies.length >= count ? bodies : undefined;
  });
}

/** Waits until nothing is in the queue, neither visible nor in flight. */
export async function emptied(stage: Stage, queue: Queue, withinMs?: number): Promise<void> {
  const look = async () => {
    const { Attributes = {} } = await stage.clients.sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: queue.url, AttributeNames: ['All'] }),
    );
    const { ApproximateNumberOfMessages: visible, ApproximateNumberOfMessagesNotVisible: taken } =
      Attributes;
    return Number(visible) + Number(taken) === 0 ? true : undefined;
  };
  await stage.eventually('the queue is empty', look, withinMs);
}
