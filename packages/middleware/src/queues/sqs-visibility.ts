import { ChangeMessageVisibilityCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { MessageVisibility } from './queue-handler.ts';

export function sqsVisibility(client: SQSClient, queueUrl: string): MessageVisibility {
  return {
    async hide(ReceiptHandle, VisibilityTimeout) {
      const command = { QueueUrl: queueUrl, ReceiptHandle, VisibilityTimeout };
      await client.send(new ChangeMessageVisibilityCommand(command));
    },
  };
}
