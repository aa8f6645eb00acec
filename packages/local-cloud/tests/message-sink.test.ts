import { CreateTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startQueues } from '../src/engines/queues.ts';
import { MessageRefusedError } from '../src/message-refused.ts';
import { createMessageSink } from '../src/message-sink.ts';
import type { MessageSink } from '../src/ports.ts';
import { createEngineCalls } from '../src/resources/aws-json.ts';
import { clientSettings } from './edge/cloud-fixture.ts';
import { serve, temporaryState } from './engines/engine-fixture.ts';

const QUEUE = 'arn:aws:sqs:us-east-1:000000000000:failures';
const TOPIC = 'arn:aws:sns:us-east-1:000000000000:failures';

const folder = temporaryState();
let engine: Awaited<ReturnType<typeof startQueues>>;
let server: Awaited<ReturnType<typeof serve>>;
let sqs: SQSClient;
let sink: MessageSink;

beforeAll(async () => {
  const place = { region: 'us-east-1', accountId: '000000000000' };
  engine = await startQueues({ state: folder.state, edgeUrl: 'http://127.0.0.1:1', ...place });
  server = await serve(engine.handle);
  const settings = clientSettings(server.url);
  sqs = new SQSClient({ ...settings, useQueueUrlAsEndpoint: false });
  await sqs.send(new CreateQueueCommand({ QueueName: 'failures' }));
  await new SNSClient(settings).send(new CreateTopicCommand({ Name: 'failures' }));
  sink = createMessageSink(createEngineCalls(server.url, 'us-east-1'), server.url);
});
afterAll(async () => {
  await engine.close();
  server.close();
  folder.remove();
});

it('delivers the largest message that a queue takes', async () => {
  await sink.send(QUEUE, 'x'.repeat(1_048_576));
  const QueueUrl = `${server.url}/000000000000/failures`;
  const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
  expect(Messages?.map(({ Body = '' }) => Body.length)).toEqual([1_048_576]);
});

it.each([
  ['a message larger than a queue takes', QUEUE, 'x'.repeat(1_048_577)],
  ['a message larger than a topic takes', TOPIC, 'x'.repeat(262_145)],
  ['characters that no queue takes', QUEUE, '\uffff'],
])('says of %s that it is refused for good', async (_, arn, body) => {
  await expect(sink.send(arn, body)).rejects.toThrow(MessageRefusedError);
});

it.each([
  ['queue', `${QUEUE}-to-come`],
  ['topic', `${TOPIC}-to-come`],
])('lets a message for a %s that is not there yet be tried again', async (_, arn) => {
  const refused = sink.send(arn, 'x').catch((error: unknown) => error);
  expect(await refused).toBeInstanceOf(Error);
  expect(await refused).not.toBeInstanceOf(MessageRefusedError);
});
