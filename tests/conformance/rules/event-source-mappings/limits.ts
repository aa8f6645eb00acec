import type { Rule } from '../../rule.ts';
import type { MappingSettings } from '../../subjects/subject.ts';
import { pages } from './pages.ts';

/** Settings that CreateEventSourceMapping refuses. */
function refuses(name: string, title: string, settings: Partial<MappingSettings>): Rule {
  return {
    id: `event-source-mappings/${name}`,
    title,
    page: pages.createMapping,
    async run(stage) {
      const stream = await stage.stream();
      const performer = await stage.function(() => null);
      await expectRefusal(stage.map(performer, stream.arn, settings), JSON.stringify(settings));
    },
  };
}

const filters = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ Pattern: JSON.stringify({ data: { n: [n] } }) }));

export const limits: readonly Rule[] = [
  refuses('batch-size-is-at-most-10000', 'BatchSize is at most 10,000', { BatchSize: 10_001 }),
  refuses('batch-size-is-at-least-1', 'BatchSize is at least 1', { BatchSize: 0 }),
  refuses('batching-window-is-at-most-300', 'MaximumBatchingWindowInSeconds is at most 300', {
    MaximumBatchingWindowInSeconds: 301,
  }),
  refuses('parallelization-factor-is-at-most-10', 'ParallelizationFactor is at most 10', {
    ParallelizationFactor: 11,
  }),
  refuses('parallelization-factor-is-at-least-1', 'ParallelizationFactor is at least 1', {
    ParallelizationFactor: 0,
  }),
  refuses('retries-are-at-most-10000', 'MaximumRetryAttempts is at most 10,000', {
    MaximumRetryAttempts: 10_001,
  }),
  refuses('retries-are-at-least-minus-1', 'MaximumRetryAttempts is at least −1 (without end)', {
    MaximumRetryAttempts: -2,
  }),
  refuses('record-age-is-at-most-a-week', 'MaximumRecordAgeInSeconds is at most 604,800', {
    MaximumRecordAgeInSeconds: 604_801,
  }),
  refuses(
    'record-age-is-at-least-a-minute',
    'MaximumRecordAgeInSeconds is −1 (without end) or at least 60',
    { MaximumRecordAgeInSeconds: 59 },
  ),
  refuses('tumbling-window-is-at-most-900', 'TumblingWindowInSeconds is at most 900', {
    TumblingWindowInSeconds: 901,
  }),
  {
    ...refuses('filters-are-at-most-ten', 'A mapping has five filters, ten on request', {
      FilterCriteria: { Filters: filters(11) },
    }),
    page: pages.filters,
  },
  {
    ...refuses('a-filter-pattern-is-checked', 'A filter pattern that is no JSON is refused', {
      FilterCriteria: { Filters: [{ Pattern: '{"data": ' }] },
    }),
    page: pages.filters,
  },
  {
    id: 'event-source-mappings/a-table-has-no-position-at-an-instant',
    title: 'StartingPosition AT_TIMESTAMP is refused for a DynamoDB stream',
    page: pages.createMapping,
    async run(stage) {
      const table = await stage.table();
      const performer = await stage.function(() => null);
      const StartingPosition = 'AT_TIMESTAMP';
      const StartingPositionTimestamp = new Date(Math.floor(Date.now() / 1000) * 1000);
      await expectRefusal(
        stage.map(performer, table.streamArn, { StartingPosition, StartingPositionTimestamp }),
        'a position at an instant',
      );
    },
  },
];

async function expectRefusal(mapping: Promise<void>, what: string): Promise<void> {
  const made = await mapping.then(
    () => true,
    () => false,
  );
  if (made) throw new Error(`the mapping is made with ${what}`);
}
