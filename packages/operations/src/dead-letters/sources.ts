import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SQSClient } from '@aws-sdk/client-sqs';
import { eventIdOfChange } from '@millrace/local-cloud/event-ids';
import { edgeClientOptions, localTargets } from '../demo/targets.ts';
import { dynamoLetters } from './dynamo-letters.ts';
import { INVOCATION_MS, type Invoke, lambdaInvoke } from './invoke.ts';
import type { LetterStore } from './letters.ts';
import { DeadLettersError, failureQueues, letterTables, NotDeployed } from './places.ts';
import type { StreamReader } from './read-range.ts';
import { sqsQueue } from './sqs-queue.ts';
import { streamReader } from './stream-reader.ts';
import type { MessageQueue } from './walk-queue.ts';

/** Everywhere that dead letters lie, and what takes them again. */
export interface Sources {
  readonly stage: string;
  readonly letters: readonly LetterStore[];
  readonly queues: readonly { readonly service: string; readonly queue: MessageQueue }[];
  readonly reader: StreamReader;
  readonly invoke: Invoke;
}

/** @param service only this one's */
export function openSources(
  stage: string,
  service: string | undefined,
): Sources & { close(): void } {
  const isLocal = stage === 'local';
  const target = isLocal ? edgeClientOptions(localTargets()) : {};
  const dynamo = new DynamoDBClient(target);
  const sqs = new SQSClient(target);
  const kinesis = new KinesisClient(target);
  const changes = new DynamoDBStreamsClient(target);
  // One that is not answered is not made again: how long it takes is ours to bound.
  const requestHandler = { requestTimeout: INVOCATION_MS, throwOnRequestTimeout: true };
  const lambda = new LambdaClient({ ...target, requestHandler });
  return {
    stage,
    letters: letterTables(stage, service).map((table) => dynamoLetters(dynamo, table)),
    queues: failureQueues(stage, service).map(({ service: of, name }) => ({
      service: of,
      queue: sqsQueue(sqs, name),
    })),
    reader: streamReader({
      ...{ kinesis, changes },
      // The local engine counts changes in each table; its triggers name them as AWS does, once in all.
      changeId: (arn, { eventID, dynamodb }) =>
        isLocal ? eventIdOfChange(arn, dynamodb?.SequenceNumber ?? '') : (eventID ?? ''),
    }),
    invoke: lambdaInvoke(lambda),
    close: () => {
      for (const client of [dynamo, sqs, kinesis, changes, lambda]) client.destroy();
    },
  };
}

/**
 * Goes through all places, one after the other, but those whose service is not deployed.
 *
 * @throws DeadLettersError where none is
 */
export async function throughAll(
  stage: string,
  visits: readonly (() => Promise<void>)[],
): Promise<void> {
  let reached = 0;
  let missing: unknown;
  for (const visit of visits) {
    try {
      await visit();
      reached += 1;
    } catch (error) {
      if (!(error instanceof NotDeployed)) throw error;
      missing = error;
    }
  }
  if (reached > 0) return;
  throw new DeadLettersError(
    `No dead letters of the stage ${stage} can be reached: nothing that keeps them is deployed there.`,
    { cause: missing },
  );
}
