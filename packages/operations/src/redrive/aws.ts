import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { edgeClientOptions, localTargets } from '../demo/targets.ts';
import type { Invoked, MessageQueue } from './redrive-messages.ts';

/** The queue or the function cannot be reached, or says no. */
export class RedriveError extends Error {
  readonly code = 'REDRIVE_FAILED';
}

/** Longer than ten invocations may take. */
const INVISIBLE_SECONDS = 300;

const clientOptions = (stage: string) =>
  stage === 'local' ? edgeClientOptions(localTargets()) : {};

export function sqsQueue(stage: string, QueueName: string): MessageQueue & { close(): void } {
  const client = new SQSClient(clientOptions(stage));
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
            VisibilityTimeout: INVISIBLE_SECONDS,
            WaitTimeSeconds: 2,
            MessageSystemAttributeNames: ['SentTimestamp'],
          }),
        ),
      );
      return Messages.map(({ MessageId = '', Body = '', ReceiptHandle = '', Attributes }) => ({
        ...{ id: MessageId, body: Body, receipt: ReceiptHandle },
        sentAt: Number(Attributes?.SentTimestamp ?? Date.now()),
      }));
    },
    async remove({ receipt: ReceiptHandle }) {
      const command = new DeleteMessageCommand({ QueueUrl: await urlOf(), ReceiptHandle });
      await reach(QueueName, () => client.send(command));
    },
    async show({ receipt: ReceiptHandle }) {
      const settings = { QueueUrl: await urlOf(), ReceiptHandle, VisibilityTimeout: 0 };
      await reach(QueueName, () => client.send(new ChangeMessageVisibilityCommand(settings)));
    },
    close: () => client.destroy(),
  };
}

/** Invokes a function and waits for what it says it has done. */
export function lambdaInvoker(stage: string, FunctionName: string) {
  const client = new LambdaClient(clientOptions(stage));
  return {
    async invoke(event: unknown): Promise<Invoked> {
      const { Payload, FunctionError } = await reach(FunctionName, () =>
        client.send(new InvokeCommand({ FunctionName, Payload: JSON.stringify(event) })),
      );
      const answer = JSON.parse(Payload?.transformToString() || 'null');
      if (FunctionError === undefined && isOutcome(answer?.outcome)) {
        return { outcome: answer.outcome };
      }
      return { outcome: 'failed', reason: String(answer?.errorMessage ?? FunctionError) };
    },
    close: () => client.destroy(),
  };
}

function isOutcome(value: unknown): value is 'accepted' | 'rejected' | 'over_quota' {
  return value === 'accepted' || value === 'rejected' || value === 'over_quota';
}

async function reach<T>(what: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message || cause.name : String(cause);
    throw new RedriveError(
      `${what} cannot be reached (${why}): start the stack with "npm start", or name a stage that is deployed.`,
      { cause },
    );
  }
}
