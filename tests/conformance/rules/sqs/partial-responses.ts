import type { Rule } from '../../rule.ts';
import type { Stage } from '../../stage/stage.ts';
import { same } from '../expectations.ts';
import {
  consume,
  delivered,
  emptied,
  LONG_VISIBILITY,
  type QueueEvent,
  type QueueRecord,
} from './deliveries.ts';

const page = 'https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html';
const BODIES = ['a', 'b', 'c'];

type Respond = (records: readonly QueueRecord[]) => unknown;

const isFirstReception = ({ attributes }: QueueRecord) =>
  attributes.ApproximateReceiveCount === '1';

/** Every delivery, sorted, when each first reception is answered with `respond` and the rest succeed. */
async function deliveriesAfter(
  stage: Stage,
  respond: Respond,
  expected: number,
  reports: boolean,
): Promise<string[]> {
  const { queue, performer } = await consume(
    stage,
    ({ Records }: QueueEvent) =>
      Records.some(isFirstReception) ? respond(Records) : { batchItemFailures: [] },
    { BatchSize: 10, ...(reports && { FunctionResponseTypes: ['ReportBatchItemFailures'] }) },
    { bodies: BODIES, ...(expected === BODIES.length && { queue: LONG_VISIBILITY }) },
  );
  await delivered(stage, performer, expected);
  // What is deleted cannot come again.
  await emptied(stage, queue);
  return (await delivered(stage, performer, expected)).toSorted();
}

const ONCE = BODIES;
const ALL_TWICE = BODIES.flatMap((body) => [body, body]);

function rule(
  id: string,
  title: string,
  respond: Respond,
  expected: readonly string[],
  reports = true,
): Rule {
  return {
    id: `sqs/${id}`,
    title,
    page,
    async run(stage) {
      const seen = await deliveriesAfter(stage, respond, expected.length, reports);
      same(seen, expected, 'the deliveries');
    },
  };
}

const failures = (...itemIdentifiers: unknown[]) => ({
  batchItemFailures: itemIdentifiers.map((itemIdentifier) => ({ itemIdentifier })),
});

const idsOf = (records: readonly QueueRecord[], body: string) =>
  records.filter((record) => record.body === body).map(({ messageId }) => messageId);

export const partialResponseRules: readonly Rule[] = [
  rule(
    'only-the-reported-messages-come-again',
    'Of a batch only the messages whose ids are reported come again',
    (records) => failures(...idsOf(records, 'b')),
    ['a', 'b', 'b', 'c'],
  ),
  rule(
    'an-empty-list-is-success',
    'An empty list of failures is a complete success',
    () => ({ batchItemFailures: [] }),
    ONCE,
  ),
  rule(
    'a-null-list-is-success',
    'A null list of failures is a complete success',
    () => ({ batchItemFailures: null }),
    ONCE,
  ),
  rule('an-empty-response-is-success', 'An empty response is a complete success', () => ({}), ONCE),
  rule('a-null-response-is-success', 'A null response is a complete success', () => null, ONCE),
  rule(
    'an-empty-identifier-fails-the-batch',
    'An empty itemIdentifier is a complete failure',
    () => failures(''),
    ALL_TWICE,
  ),
  rule(
    'a-null-identifier-fails-the-batch',
    'A null itemIdentifier is a complete failure',
    () => failures(null),
    ALL_TWICE,
  ),
  rule(
    'another-key-fails-the-batch',
    'A failure with another key than itemIdentifier is a complete failure',
    (records) => ({ batchItemFailures: records.map(({ messageId }) => ({ id: messageId })) }),
    ALL_TWICE,
  ),
  rule(
    'an-unknown-identifier-fails-the-batch',
    'An itemIdentifier that is no message of the batch is a complete failure',
    () => failures('00000000-0000-0000-0000-000000000000'),
    ALL_TWICE,
  ),
  rule(
    'an-error-fails-the-batch',
    'A thrown error is a complete failure, also where failures are reported',
    () => {
      throw new Error('thrown');
    },
    ALL_TWICE,
  ),
  rule(
    'the-response-is-ignored-unless-asked-for',
    'Without ReportBatchItemFailures the response is ignored: the batch succeeded',
    (records) => failures(...records.map(({ messageId }) => messageId)),
    ONCE,
    false,
  ),
];
