import { deepEqual } from 'node:assert/strict';
import type { Rule } from '../../rule.ts';
import type { DynamoDbEvent } from '../../stage/tables.ts';
import { pages } from './pages.ts';
import { streamScene } from './stream-scene.ts';

type Respond = (sequenceNumbers: readonly string[]) => unknown;

const failures = (...identifiers: unknown[]) => ({
  batchItemFailures: identifiers.map((itemIdentifier) => ({ itemIdentifier })),
});

const BATCH = ['a', 'b', 'c', 'd'];
const DONE = [BATCH, ['e']];
const AGAIN = [BATCH, BATCH, ['e']];

/** The function answers its first batch, a to d, with `respond` and then succeeds; e comes later. */
function rule(
  name: string,
  title: string,
  respond: Respond,
  expected: string[][],
  reports = true,
): Rule {
  return {
    id: `event-source-mappings/${name}`,
    title,
    page: pages.partialResponses,
    async run(stage) {
      const scene = await streamScene(stage, {
        texts: BATCH,
        play: ({ Records }, attempt) =>
          attempt === 1
            ? respond(Records.map(({ kinesis }) => kinesis.sequenceNumber))
            : failures(),
        mapping: {
          BatchSize: 10,
          ...(reports && { FunctionResponseTypes: ['ReportBatchItemFailures'] }),
        },
      });
      await scene.batches(expected.length - 1);
      // What comes after the answer shows where the mapping went on.
      await scene.stream.put(['e']);
      deepEqual(await scene.batches(expected.length), expected);
    },
  };
}

const inDynamoDb: Rule = {
  id: 'event-source-mappings/retries-from-the-lowest-failed-sequence-number-of-a-table',
  title: 'A DynamoDB stream, too, is retried from the lowest failed sequence number on',
  page: pages.dynamodbPartialResponses,
  async run(stage) {
    const table = await stage.table();
    for (const id of ['a', 'b', 'c']) await table.put({ id });
    const performer = await stage.function(({ Records }: DynamoDbEvent, attempt: number) =>
      attempt === 1
        ? failures(
            ...Records.slice(1)
              .map(({ dynamodb }) => dynamodb.SequenceNumber)
              .reverse(),
          )
        : failures(),
    );
    await stage.map(performer, table.streamArn, {
      BatchSize: 10,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    });
    const calls = await performer.called<DynamoDbEvent>(2);
    deepEqual(
      calls.map(({ event }) => event.Records.map(({ dynamodb }) => dynamodb.Keys.id?.S)),
      [
        ['a', 'b', 'c'],
        ['b', 'c'],
      ],
    );
  },
};

export const partialResponses: readonly Rule[] = [
  rule(
    'retries-from-the-lowest-failed-sequence-number',
    'Of several failures the lowest sequence number is the checkpoint: all from there on is retried',
    (all) => failures(all[2], all[1]),
    [BATCH, ['b', 'c', 'd'], ['e']],
  ),
  inDynamoDb,
  rule('an-empty-list-is-success', 'An empty list of failures is success', () => failures(), DONE),
  rule(
    'a-null-list-is-success',
    'A null list of failures is success',
    () => ({ batchItemFailures: null }),
    DONE,
  ),
  rule('an-empty-response-is-success', 'An empty response is success', () => ({}), DONE),
  rule('a-null-response-is-success', 'A null response is success', () => null, DONE),
  rule(
    'an-empty-identifier-fails-the-batch',
    'An empty identifier is failure of the whole batch',
    () => failures(''),
    AGAIN,
  ),
  rule(
    'a-null-identifier-fails-the-batch',
    'A null identifier is failure of the whole batch',
    () => failures(null),
    AGAIN,
  ),
  rule(
    'a-bad-key-fails-the-batch',
    'An identifier under another key is failure of the whole batch',
    (all) => ({ batchItemFailures: [{ sequenceNumber: all[2] }] }),
    AGAIN,
  ),
  rule(
    'an-unknown-identifier-fails-the-batch',
    'An identifier that is not in the batch is failure of the whole batch',
    () => failures('49600000000000000000000000000000000000000000000000000000'),
    AGAIN,
  ),
  rule(
    'a-thrown-error-fails-the-batch-that-could-report',
    'A thrown error is failure of the whole batch although the function could report',
    () => {
      throw new Error('before anything is reported');
    },
    AGAIN,
  ),
  rule(
    'a-response-without-its-type-is-ignored',
    'A mapping without ReportBatchItemFailures ignores the reported failures',
    (all) => failures(all[1]),
    DONE,
    false,
  ),
];
