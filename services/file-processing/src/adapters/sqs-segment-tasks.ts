import {
  SendMessageBatchCommand,
  type SendMessageBatchCommandInput,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { PermanentError, TransientError } from '@millrace/middleware';
import { describeViolations, validate } from '@millrace/types';
import * as z from 'zod/mini';
import type { TaskMessage, TaskQueues } from '../domain/processors/media/job.ts';
import { asciiJson } from './ascii-json.ts';
import { VersionMessage } from './work-message.ts';

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html */
const MESSAGES_PER_BATCH = 10;

/** @throws TransientError `tasks_not_sent` when a queue did not take all; sending again is safe */
export function sqsSegmentTasks(
  client: SQSClient,
  urls: { readonly segments: string; readonly joins: string },
): TaskQueues {
  async function sendTo(QueueUrl: string, messages: readonly TaskMessage[]): Promise<void> {
    for (let from = 0; from < messages.length; from += MESSAGES_PER_BATCH) {
      const Entries: SendMessageBatchCommandInput['Entries'] = messages
        .slice(from, from + MESSAGES_PER_BATCH)
        .map((message, index) => ({ Id: String(index), MessageBody: asciiJson(message) }));
      const { Failed = [] } = await client.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
      if (Failed.length > 0) {
        throw new TransientError('tasks_not_sent', 'A queue did not take all parts of a video.');
      }
    }
  }
  return {
    async send(messages) {
      await sendTo(
        urls.segments,
        messages.filter(({ task }) => task !== 'join'),
      );
      await sendTo(
        urls.joins,
        messages.filter(({ task }) => task === 'join'),
      );
    },
  };
}

const Message = z.object({
  kind: z.literal('media'),
  version: VersionMessage,
  job: z.string(),
  task: z.string().check(z.regex(/^(audio|join|video-\d+)$/)),
});

/** @throws PermanentError `task_invalid` */
export function parseTask(body: string): TaskMessage {
  const message = validate(Message, parseJson(body));
  if (message.ok) return message.value as TaskMessage;
  throw new PermanentError(
    'task_invalid',
    `This is no part of a video: ${describeViolations(message.violations)}`,
  );
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
