import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { Failures } from '../domain/give-up.ts';

/** The work as it was, ready to be sent again; why it was given up stands in the attributes. */
export function sqsFailures(client: SQSClient, queueUrl: string): Failures {
  const text = (value: string) => ({ DataType: 'String', StringValue: value.slice(0, 1000) });
  return {
    async keep(message, { code, message: why }) {
      await client.send(
        new SendMessageCommand({
          QueueUrl: queueUrl,
          MessageBody: message,
          MessageAttributes: { reasonCode: text(code), reasonMessage: text(why) },
        }),
      );
    },
  };
}
