import {
  CreateQueueCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { FaultPlanInput } from '../../src/faults/index.ts';
import { type CloudFixture, startCloudFixture } from '../edge/cloud-fixture.ts';

let fixture: CloudFixture;
let sqs: SQSClient;
let number = 0;
let QueueUrl: string;

const use = (queues: FaultPlanInput['queues']) => fixture.cloud.faults.use({ seed: 5, queues });
const injected = () => fixture.cloud.faults.status()?.injected;

beforeAll(async () => {
  fixture = await startCloudFixture();
  sqs = new SQSClient(fixture.client);
});
afterAll(() => fixture.stop());
beforeEach(async () => {
  fixture.cloud.faults.use(undefined);
  number += 1;
  QueueUrl = await createQueue(`jobs-${number}`);
});

async function createQueue(QueueName: string, Attributes: Record<string, string> = {}) {
  const created = await sqs.send(
    new CreateQueueCommand({ QueueName, Attributes: { VisibilityTimeout: '600', ...Attributes } }),
  );
  return created.QueueUrl ?? '';
}

const send = (MessageBody: string, more = {}) =>
  sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, ...more }));

async function receive(WaitTimeSeconds = 0) {
  const answer = await sqs.send(
    new ReceiveMessageCommand({
      QueueUrl,
      MaxNumberOfMessages: 10,
      WaitTimeSeconds,
      MessageSystemAttributeNames: ['All'],
    }),
  );
  return answer.Messages ?? [];
}

async function consumeAll() {
  const consumed = [];
  for (;;) {
    const messages = await receive();
    if (messages.length === 0) return consumed;
    for (const message of messages) {
      consumed.push(message);
      const { ReceiptHandle } = message;
      await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    }
  }
}

it('delivers a message once more although it was deleted, under the same id, and then no more', async () => {
  use([{ queue: 'jobs-*', duplicate: 1 }]);
  await send('a');
  const consumed = await consumeAll();
  expect(consumed.map(({ Body }) => Body)).toEqual(['a', 'a']);
  expect(new Set(consumed.map(({ MessageId }) => MessageId)).size).toBe(1);
  expect(consumed.map(({ Attributes }) => Attributes?.ApproximateReceiveCount)).toEqual(['1', '2']);
  expect(injected()).toEqual({ 'queues.duplicate': 1 });
});

it('repeats as many as the plan says, the same ones for the same seed', async () => {
  const round = async () => {
    use([{ duplicate: 0.5 }]);
    for (let index = 0; index < 30; index += 1) await send(`body-${index}`);
    const bodies = (await consumeAll()).map(({ Body }) => Body);
    return bodies.filter((body, index) => bodies.indexOf(body) !== index).sort();
  };
  const first = await round();
  expect(first.length).toBeGreaterThan(5);
  expect(first.length).toBeLessThan(25);
  QueueUrl = await createQueue(`jobs-${number}`);
  expect(await round()).toEqual(first);
});

it('lets later messages overtake one that is held back', async () => {
  use([{ reorder: 0.5, reorderWithinMs: [100, 300] }]);
  const sent = Array.from({ length: 12 }, (_, index) => `body-${index}`);
  for (const body of sent) await send(body);
  const received: (string | undefined)[] = [];
  while (received.length < 12) {
    const messages = await receive(2);
    expect(messages).not.toEqual([]);
    received.push(...messages.map(({ Body }) => Body));
  }
  expect(received).not.toEqual(sent);
  expect(received.toSorted()).toEqual(sent.toSorted());
});

it('leaves a FIFO queue in order and without repetition', async () => {
  QueueUrl = await createQueue(`jobs-${number}.fifo`, { FifoQueue: 'true' });
  use([{ duplicate: 1, reorder: 1 }]);
  const sent = ['1', '2', '3'];
  for (const body of sent) await send(body, { MessageGroupId: 'g', MessageDeduplicationId: body });
  expect((await consumeAll()).map(({ Body }) => Body)).toEqual(sent);
  expect(injected()).toEqual({});
});

it('lets visibility timeouts and delays pass when the clock is moved, and times follow it', async () => {
  await send('seen');
  const [seen] = await receive();
  await send('delayed', { DelaySeconds: 600 });
  expect(await receive()).toEqual([]);
  fixture.cloud.clock.advance(601_000);
  await send('after');
  const messages = await receive();
  expect(messages.map(({ Body }) => Body).sort()).toEqual(['after', 'delayed', 'seen']);
  const sentAt = (body: string) =>
    Number(messages.find(({ Body }) => Body === body)?.Attributes?.SentTimestamp);
  expect(sentAt('seen')).toBe(Number(seen?.Attributes?.SentTimestamp));
  expect(sentAt('after') - sentAt('seen')).toBeGreaterThanOrEqual(601_000);
  expect(Math.abs(sentAt('after') - fixture.cloud.clock.now())).toBeLessThan(5_000);
});
