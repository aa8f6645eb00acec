import type { MetricDimension, MetricName } from '@millrace/types';
import type { Work } from '../../domain/engine/pipeline.ts';
import type { Run } from './runs.ts';

interface Counted<M extends MetricName = MetricName> {
  readonly metric: M;
  readonly by: Readonly<Record<MetricDimension<M>, string>>;
  readonly value?: number;
}

const counted = <M extends MetricName>(one: Counted<M>): Counted => one as unknown as Counted;

/** What a session is counted as, all of it at its start. */
function countsOf({ first, last, views }: Run): Counted[] {
  const { device, browser, os, referrer, source, medium, campaign } = first;
  const client = { device, browser, os };
  const seconds = (last.at - first.at) / 1000;
  return [
    counted({ metric: 'clicks.sessions', by: client, value: views }),
    counted({ metric: 'clicks.durations', by: { device }, value: seconds }),
    ...(views === 1 ? [counted({ metric: 'clicks.bounces', by: client })] : []),
    counted({ metric: 'clicks.entries', by: { page: first.page } }),
    counted({ metric: 'clicks.exits', by: { page: last.page } }),
    counted({ metric: 'clicks.sources', by: { referrer, source, medium, campaign } }),
  ];
}

/** Takes back what sessions were counted as and counts what they are: only what differs. */
export function recount(work: Work, before: readonly Run[], after: readonly Run[]): void {
  const changes = new Map<string, { time: string; one: Counted; times: number }>();
  const note = (session: Run, times: number) => {
    const time = new Date(session.first.at).toISOString();
    for (const one of countsOf(session)) {
      const key = JSON.stringify([time, one]);
      changes.set(key, { time, one, times: (changes.get(key)?.times ?? 0) + times });
    }
  };
  for (const session of before) note(session, -1);
  for (const session of after) note(session, 1);
  for (const { time, one, times } of changes.values()) {
    if (times !== 0) work.count(one.metric, time, one as never, times);
  }
}
