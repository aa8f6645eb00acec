import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import type { SQSEvent } from 'aws-lambda';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { startEngines } from './engines.ts';
import { createRig, DEAD_LETTERS_ARN, FUNCTION, QUEUE_ARN, queueTrigger, type Rig } from './rig.ts';
import { sample, shape } from './shape.ts';

let engines: Awaited<ReturnType<typeof startEngines>>;
let rig: Rig;
let queueUrl = '';
let deadLettersUrl = '';

beforeAll(async () => {
  engines = await startEngines(['sqs']);
});
afterAll(() => engines.close());
beforeEach(async () => {
  rig = await createRig(engines);
  deadLettersUrl = await createQueue('dead-letters', {});
  const RedrivePolicy = JSON.stringify({
    deadLetterTargetArn: DEAD_LETTERS_ARN,
    maxReceiveCount: 2,
  });
  queueUrl = await createQueue('jobs', { VisibilityTimeout: '1', RedrivePolicy });
});
afterEach(async () => {
  await rig.close();
  for (const QueueUrl of [queueUrl, deadLettersUrl]) {
    await engines.sqs.send(new DeleteQueueCommand({ QueueUrl }));
  }
});

async function createQueue(QueueName: string, Attributes: Record<string, string>) {
  const answer = await engines.sqs.send(new CreateQueueCommand({ QueueName, Attributes }));
  return answer.QueueUrl ?? '';
}

async function send(MessageBody: string): Promise<void> {
  const MessageAttributes = { myAttribute: { DataType: 'String', StringValue: 'myValue' } };
  await engines.sqs.send(
    new SendMessageCommand({ QueueUrl: queueUrl, MessageBody, MessageAttributes }),
  );
}

async function depth(): Promise<number> {
  const answer = await engines.sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['All'] }),
  );
  const { ApproximateNumberOfMessages = '', ApproximateNumberOfMessagesNotVisible = '' } =
    answer.Attributes ?? {};
  return Number(ApproximateNumberOfMessages) + Number(ApproximateNumberOfMessagesNotVisible);
}

const bodies = () =>
  rig.host.events<SQSEvent>(FUNCTION).map((event) => event.Records.map((record) => record.body));

const eventually = (check: () => unknown) => vi.waitFor(check, { timeout: 4000, interval: 20 });

it('delivers messages as AWS writes them and deletes what succeeded', async () => {
  await send('Test message.');
  rig.host.on(FUNCTION, () => undefined);
  const { runner } = rig.start([queueTrigger()]);
  await eventually(() => expect(runner.status()[0]?.delivered).toBe(1));
  await eventually(async () => expect(await depth()).toBe(0));
  const [record] = rig.host.events<SQSEvent>(FUNCTION)[0]?.Records ?? [];
  const [expected] = sample<SQSEvent>('sqs').Records;
  const { md5OfMessageAttributes, attributes, ...rest } = record ?? {};
  const { attributes: expectedAttributes, ...expectedRest } = expected ?? {};
  expect(shape(rest)).toEqual(shape(expectedRest));
  expect(Object.keys(attributes ?? {}).sort()).toEqual(
    Object.keys(expectedAttributes ?? {}).sort(),
  );
  expect(record).toMatchObject({
    body: 'Test message.',
    md5OfBody: expected?.md5OfBody,
    messageAttributes: expected?.messageAttributes,
    eventSourceARN: QUEUE_ARN,
  });
  expect(md5OfMessageAttributes).toMatch(/^[0-9a-f]{32}$/);
});

it('keeps what failed for another try, and deletes the rest of its batch', async () => {
  await send('good');
  await send('bad');
  let failures = 1;
  rig.host.on(FUNCTION, (event: SQSEvent) => {
    const bad = event.Records.filter((record) => record.body === 'bad' && failures > 0);
    if (bad.length > 0) failures -= 1;
    return { batchItemFailures: bad.map((record) => ({ itemIdentifier: record.messageId })) };
  });
  rig.start([queueTrigger({ maximumConcurrency: 2 })]);
  await eventually(async () => expect(await depth()).toBe(0));
  expect(bodies().flat().sort()).toEqual(['bad', 'bad', 'good']);
});

it('leaves a poison message to the redrive policy of its queue', async () => {
  await send('poison');
  rig.host.on(FUNCTION, () => {
    throw new Error('always');
  });
  rig.start([queueTrigger()]);
  await eventually(async () => {
    const answer = await engines.sqs.send(new ReceiveMessageCommand({ QueueUrl: deadLettersUrl }));
    expect(answer.Messages?.[0]?.Body).toBe('poison');
  });
  expect(bodies()).toEqual([['poison'], ['poison']]);
});

it('receives nothing while the service is down', async () => {
  rig.host.on(FUNCTION, () => undefined);
  const { runner, registry } = rig.start([]);
  registry.clearEndpoint('test');
  runner.apply('test', [queueTrigger()]);
  await send('patient');
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(runner.status()[0]?.state).toBe('waiting-for-function');
  registry.setEndpoint('test', rig.host.lambdaUrl);
  await eventually(async () => expect(await depth()).toBe(0));
  const [record] = rig.host.events<SQSEvent>(FUNCTION)[0]?.Records ?? [];
  expect(record?.attributes.ApproximateReceiveCount).toBe('1');
});

it('collects a batch larger than ten within the batching window', async () => {
  for (let index = 0; index < 12; index += 1) await send(`m${index}`);
  rig.host.on(FUNCTION, () => undefined);
  rig.start([queueTrigger({ batchSize: 12, batchWindowSeconds: 1, maximumConcurrency: 2 })]);
  await eventually(() => expect(bodies()[0]).toHaveLength(12));
});

it('deletes what no filter wants without invoking the function', async () => {
  await send('{"type":"click"}');
  await send('no json');
  await send('{"type":"order"}');
  rig.host.on(FUNCTION, () => undefined);
  const filterPatterns = [{ body: { type: ['order'] } }];
  const { runner } = rig.start([queueTrigger({ filterPatterns })]);
  await eventually(() => expect(runner.status()[0]).toMatchObject({ delivered: 1, filtered: 2 }));
  await eventually(async () => expect(await depth()).toBe(0));
  expect(bodies()).toEqual([['{"type":"order"}']]);
});

it('works on at most maximumConcurrency batches at once', async () => {
  for (let index = 0; index < 6; index += 1) await send(`m${index}`);
  let running = 0;
  let most = 0;
  rig.host.on(FUNCTION, async () => {
    running += 1;
    most = Math.max(most, running);
    await new Promise((resolve) => setTimeout(resolve, 100));
    running -= 1;
  });
  const { runner } = rig.start([queueTrigger({ batchSize: 1, maximumConcurrency: 2 })]);
  await eventually(() => expect(runner.status()[0]?.delivered).toBe(6));
  expect(most).toBe(2);
});

it('tries every message of a batch again when its response is malformed', async () => {
  await send('a');
  await send('b');
  rig.host.on(FUNCTION, () => ({
    batchItemFailures: bodies().length === 1 ? [{ itemIdentifier: 'not in the batch' }] : [],
  }));
  rig.start([queueTrigger({ batchWindowSeconds: 1, maximumConcurrency: 2 })]);
  await eventually(async () => expect(await depth()).toBe(0));
  expect(bodies().flat().toSorted()).toEqual(['a', 'a', 'b', 'b']);
});
