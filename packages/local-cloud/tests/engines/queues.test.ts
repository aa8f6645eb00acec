import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import {
  CreateQueueCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startQueues } from '../../src/engines/queues.ts';
import { clientSettings } from '../edge/cloud-fixture.ts';
import { serve, temporaryState } from './engine-fixture.ts';

let folder: ReturnType<typeof temporaryState>;
beforeEach(() => {
  folder = temporaryState();
});
afterEach(() => folder.remove());

/** Runs `work` against the engine; each call is one life of it over the same folder. */
async function withQueues<T>(
  work: (sqs: SQSClient, url: string) => Promise<T>,
  edgeUrl = 'http://127.0.0.1:1',
): Promise<T> {
  const place = { region: 'us-east-1', accountId: '000000000000' };
  const engine = await startQueues({ state: folder.state, edgeUrl, ...place });
  const server = await serve(engine.handle);
  const settings = { ...clientSettings(server.url), useQueueUrlAsEndpoint: false };
  try {
    return await work(new SQSClient({ ...settings, maxAttempts: 1 }), server.url);
  } finally {
    await engine.close();
    server.close();
  }
}

it('moves queue URLs to the address that the edge has now', async () => {
  await withQueues((sqs) => sqs.send(new CreateQueueCommand({ QueueName: 'q' })));
  const find = (sqs: SQSClient) => sqs.send(new GetQueueUrlCommand({ QueueName: 'q' }));
  const { QueueUrl } = await withQueues(find, 'http://127.0.0.1:4666');
  expect(QueueUrl).toBe('http://127.0.0.1:4666/000000000000/q');
});

it('keeps a message in its queue when its move to the dead-letter queue fails half way', async () => {
  const QueueUrl = 'http://any/000000000000/main';
  const receive = (sqs: SQSClient, url = QueueUrl) =>
    sqs.send(new ReceiveMessageCommand({ QueueUrl: url, VisibilityTimeout: 0 }));
  await withQueues(async (sqs) => {
    await sqs.send(new CreateQueueCommand({ QueueName: 'dead' }));
    const deadLetterTargetArn = 'arn:aws:sqs:us-east-1:000000000000:dead';
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 1 });
    await sqs.send(new CreateQueueCommand({ QueueName: 'main', Attributes: { RedrivePolicy } }));
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'precious' }));
    await receive(sqs);
    const db = new DatabaseSync(join(folder.state.dir, 'sqs', 'fauxqs.db'));
    db.exec(`CREATE TRIGGER full BEFORE INSERT ON sqs_messages WHEN NEW.queue_name = 'dead'
      BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END`);
    await expect(receive(sqs)).rejects.toThrow();
    db.exec('DROP TRIGGER full');
    db.close();
  });
  const dead = await withQueues(async (sqs) => {
    await receive(sqs);
    return receive(sqs, 'http://any/000000000000/dead');
  });
  expect(dead.Messages?.map(({ Body }) => Body)).toEqual(['precious']);
});

it('takes every character that SQS takes, and no other', async () => {
  await withQueues(async (sqs) => {
    const QueueUrl = 'http://any/000000000000/q';
    await sqs.send(new CreateQueueCommand({ QueueName: 'q' }));
    const send = (MessageBody: string) =>
      sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
    await send('한글 🙂 \u{10FFFF}\t\r\n');
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
    expect(Messages?.[0]?.Body).toBe('한글 🙂 \u{10FFFF}\t\r\n');
    for (const character of ['\u0001', '\uFFFE', '\uFFFF']) {
      await expect(send(character)).rejects.toThrow('Invalid characters');
    }
  });
});
