import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { WorkQueues } from '../domain/ports.ts';
import { asciiJson } from './ascii-json.ts';

/** @param urlOf the queue of a kind */
export function sqsWorkQueues(client: SQSClient, urlOf: (kind: string) => string): WorkQueues {
  return {
    async send(work, { delaySeconds = 0 } = {}) {
      await client.send(
        new SendMessageCommand({
          QueueUrl: urlOf(work.kind),
          MessageBody: asciiJson(work),
          DelaySeconds: delaySeconds,
        }),
      );
    },
  };
}
