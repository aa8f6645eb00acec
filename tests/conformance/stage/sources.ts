import { openBuckets } from './buckets.ts';
import { openQueues } from './queues.ts';
import type { Stage } from './stage.ts';
import { openStreams } from './streams.ts';
import { openTables } from './tables.ts';

export type StageTools = Pick<
  Stage,
  'clients' | 'name' | 'eventually' | 'atEnd' | 'rest' | 'subject'
>;

export type Sources = ReturnType<typeof openSources>;

/** What rules write to and read from. */
export const openSources = (tools: StageTools) => ({
  ...openStreams(tools),
  ...openTables(tools),
  ...openQueues(tools),
  ...openBuckets(tools),
});
