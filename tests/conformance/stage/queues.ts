import { CreateTopicCommand, DeleteTopicCommand, SubscribeCommand } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  type Message,
  type QueueAttributeName,
  ReceiveMessageCommand,
} from '@aws-sdk/client-sqs';
import type { StageTools } from './sources.ts';

export interface Queue {
  readonly url: string;
  readonly arn: string;
  /** Waits for the next message, and removes it from the queue. */
  next(withinMs?: number): Promise<Message>;
  /** Everything that is there now, removed from the queue. */
  drain(): Promise<Message[]>;
}

export function openQueues({ clients, name, eventually, atEnd }: StageTools) {
  const { sqs, sns } = clients;

  async function take(QueueUrl: string): Promise<Message[]> {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 0 }),
    );
    for (const { ReceiptHandle } of Messages) {
      await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    }
    return Messages;
  }

  async function queue(
    Attributes: Partial<Record<QueueAttributeName, string>> = {},
  ): Promise<Queue> {
    const QueueName = name('queue');
    const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName, Attributes }));
    atEnd(() => sqs.send(new DeleteQueueCommand({ QueueUrl })));
    const answer = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }),
    );
    const waiting: Message[] = [];
    return {
      url: QueueUrl,
      arn: answer.Attributes?.QueueArn ?? '',
      next: (withinMs) =>
        eventually(
          'a message in the queue',
          async () => {
            if (waiting.length === 0) waiting.push(...(await take(QueueUrl)));
            return waiting.shift();
          },
          withinMs,
        ),
      async drain() {
        const all = waiting.splice(0);
        for (let more = await take(QueueUrl); more.length > 0; more = await take(QueueUrl)) {
          all.push(...more);
        }
        return all;
      },
    };
  }

  return {
    queue,
    /** An SNS topic with a queue that subscribed to it; messages come wrapped in SNS's envelope. */
    async topic(): Promise<{ readonly arn: string; readonly queue: Queue }> {
      const { TopicArn = '' } = await sns.send(new CreateTopicCommand({ Name: name('topic') }));
      atEnd(() => sns.send(new DeleteTopicCommand({ TopicArn })));
      const subscriber = await queue();
      await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: subscriber.arn }));
      return { arn: TopicArn, queue: subscriber };
    },
  };
}
