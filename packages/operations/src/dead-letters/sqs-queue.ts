import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { reach } from './places.ts';
import { HIDDEN_SECONDS, type MessageQueue } from './walk-queue.ts';

export function sqsQueue(client: SQSClient, QueueName: string): MessageQueue {
  let url: string | undefined;
  const urlOf = async () => {
    url ??= (await client.send(new GetQueueUrlCommand({ QueueName }))).QueueUrl ?? '';
    return url;
  };
  return {
    async receive() {
      const QueueUrl = await reach(QueueName, urlOf);
      const { Messages = [] } = await reach(QueueName, () =>
        client.send(
          new ReceiveMessageCommand({
            QueueUrl,
            MaxNumberOfMessages: 10,
            VisibilityTimeout: HIDDEN_SECONDS,
            WaitTimeSeconds: 1,
            MessageSystemAttributeNames: ['SentTimestamp'],
            MessageAttributeNames: ['reasonCode', 'reasonMessage'],
          }),
        ),
      );
      return Messages.map((message) => ({
        id: message.MessageId ?? '',
        body: message.Body ?? '',
        receipt: message.ReceiptHandle ?? '',
        sentAt: Number(message.Attributes?.SentTimestamp ?? Date.now()),
        attributes: Object.fromEntries(
          Object.entries(message.MessageAttributes ?? {}).map(([name, { StringValue }]) => [
            name,
            StringValue ?? '',
          ]),
        ),
      }));
    },
    async remove({ receipt: ReceiptHandle }) {
      const command = new DeleteMessageCommand({ QueueUrl: await urlOf(), ReceiptHandle });
      await reach(QueueName, () => client.send(command));
    },
    async hide({ receipt: ReceiptHandle }, VisibilityTimeout) {
      const settings = { QueueUrl: await urlOf(), ReceiptHandle, VisibilityTimeout };
      await reach(QueueName, () => client.send(new ChangeMessageVisibilityCommand(settings)));
    },
  };
}
