import { deepEqual } from 'node:assert/strict';
import type { Rule } from '../../rule.ts';
import type { Stage } from '../../stage/stage.ts';
import { type KinesisEvent, textsOf } from '../../stage/streams.ts';

const page =
  'https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-batchfailurereporting.html';

type Respond = (sequenceNumbers: readonly string[]) => unknown;

/** What the function gets when it answers its first batch, a to d, with `response` and then succeeds. */
async function deliveries(stage: Stage, response: Respond, times: number, reports = true) {
  const stream = await stage.stream();
  await stream.put(['a', 'b', 'c', 'd']);
  const performer = await stage.function(({ Records }: KinesisEvent, attempt: number) =>
    attempt === 1
      ? response(Records.map(({ kinesis }) => kinesis.sequenceNumber))
      : { batchItemFailures: [] },
  );
  await stage.map(performer, stream.arn, {
    BatchSize: 10,
    ...(reports && { FunctionResponseTypes: ['ReportBatchItemFailures'] }),
  });
  await performer.called(times);
  // What comes after the answer shows where the mapping went on.
  await stream.put(['e']);
  const calls = await performer.called<KinesisEvent>(times + 1);
  return calls.map(({ event }) => textsOf(event));
}

const failures = (...identifiers: unknown[]) => ({
  batchItemFailures: identifiers.map((itemIdentifier) => ({ itemIdentifier })),
});

const WHOLE_BATCH_DONE = [['a', 'b', 'c', 'd'], ['e']];
const WHOLE_BATCH_AGAIN = [['a', 'b', 'c', 'd'], ['a', 'b', 'c', 'd'], ['e']];

function rule(id: string, title: string, respond: Respond, expected: string[][]): Rule {
  return {
    id: `event-source-mappings/${id}`,
    title,
    page,
    async run(stage) {
      deepEqual(await deliveries(stage, respond, expected.length - 1), expected);
    },
  };
}

export const partialResponses: readonly Rule[] = [
  rule(
    'retries-from-the-lowest-failed-sequence-number',
    'Of several failures the lowest sequence number is the checkpoint: all from there on is retried',
    (all) => failures(all[2], all[1]),
    [['a', 'b', 'c', 'd'], ['b', 'c', 'd'], ['e']],
  ),
  rule(
    'an-empty-list-is-success',
    'An empty list of failures is a complete success',
    () => failures(),
    WHOLE_BATCH_DONE,
  ),
  rule(
    'an-unknown-identifier-fails-the-batch',
    'An identifier that is not in the batch is a complete failure',
    () => failures('49600000000000000000000000000000000000000000000000000000'),
    WHOLE_BATCH_AGAIN,
  ),
];
