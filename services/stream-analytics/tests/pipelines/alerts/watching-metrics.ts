import type { MetricAlert, MetricName, Observation } from '@millrace/types';
import { METRICS, type MetricDeclaration } from '@millrace/types';
import { dynamoAlertMemory } from '../../../src/adapters/dynamo-alert-memory.ts';
import type { AnalyticsStore, Transaction } from '../../../src/domain/engine/analytics-store.ts';
import { addTo, emptyCells } from '../../../src/domain/engine/cells.ts';
import { withSeen } from '../../../src/domain/engine/details.ts';
import type { AlertMemory } from '../../../src/pipelines/alerts/alert-memory.ts';
import { type AlertRule, alertRule } from '../../../src/pipelines/alerts/alert-rule.ts';
import {
  type MetricWatchPorts,
  type NotJudged,
  watchMetrics,
} from '../../../src/pipelines/alerts/watch-metrics.ts';
import { notingSeries } from '../../../src/pipelines/alerts/watched-series.ts';
import { memoryAlertMemory } from '../../model/memory-alert-memory.ts';
import { memoryAnalyticsStore } from '../../model/memory-analytics-store.ts';
import { freshAnalyticsStore, type TestDynamoDb } from '../../support/dynamodb.ts';

/** Many errors of one service. */
export const MANY_ERRORS = alertRule({
  id: 'many-errors',
  title: { ko: '오류가 많습니다', en: 'Many errors' },
  severity: 'critical',
  metric: 'log',
  window: '1m',
  measure: 'count',
  where: { level: ['error', 'fatal'] },
  groupBy: ['service'],
  empty: 'zero',
  threshold: { is: 'at_least', than: 10 },
  fireAfter: 2,
  resolveAfter: 2,
});

export interface Counting {
  readonly metric: MetricName;
  readonly time: string;
  readonly by?: Readonly<Record<string, string>>;
  readonly tenant?: string;
  readonly times?: number;
  readonly value?: number;
  readonly member?: string;
  readonly writer?: string;
}

/** Where counters are written and watched: in memory, or in tables of their own. */
export interface Watched {
  readonly analytics: AnalyticsStore;
  readonly memory: AlertMemory;
}

export function watchedInMemory(rules: readonly AlertRule[]): Watched {
  const analytics = memoryAnalyticsStore();
  return { analytics: notingSeries(analytics, rules), memory: memoryAlertMemory(analytics) };
}

export async function watchedInDynamoDb(
  dynamoDb: TestDynamoDb,
  rules: readonly AlertRule[],
): Promise<Watched & { readonly statesTable: string; readonly metricsTable: string }> {
  const analytics = await freshAnalyticsStore(dynamoDb);
  const { statesTable, metricsTable } = analytics;
  const { client } = dynamoDb;
  return {
    analytics: notingSeries(analytics, rules),
    memory: dynamoAlertMemory({ client, statesTable, metricsTable }),
    statesTable,
    metricsTable,
  };
}

/** Counts as the engine does: all windows of the metric, details too. */
export async function count(analytics: AnalyticsStore, counting: Counting): Promise<void> {
  const { metric, time, by = {}, tenant = 'acme', times = 1, writer = '0' } = counting;
  const { value, member } = counting;
  const observation: Observation = {
    by,
    ...(value !== undefined && { value }),
    ...(member !== undefined && { member }),
  };
  const observed = { metric, time, observation, times };
  const { details } = METRICS[metric] as MetricDeclaration;
  const cells = emptyCells(observed, tenant, writer);
  for (const cell of cells) addTo(cell, observed);
  const found = await analytics.readDetails(cells);
  const transaction: Transaction = {
    seen: [],
    states: [],
    cells: cells.map(({ seen, ...cell }, at) =>
      seen ? { ...cell, details: withSeen(found[at], seen, details) } : cell,
    ),
  };
  const outcome = await analytics.commit(transaction);
  if (outcome.kind !== 'committed') throw outcome.cause;
}

/** Counters and rules with a clock that the test moves. */
export function openMetricWatch(
  rules: readonly AlertRule[],
  { analytics, memory }: Watched = watchedInMemory(rules),
) {
  const told: MetricAlert[] = [];
  const notJudged: NotJudged[] = [];
  const clock = { now: '' };
  const ports: MetricWatchPorts = {
    rules,
    store: memory,
    tell: async (alert) => void told.push(alert),
    report: (one) => void notJudged.push(one),
    now: () => Date.parse(clock.now),
    hasTimeLeft: () => true,
  };
  return {
    told,
    notJudged,
    memory,
    ports,
    analytics,
    count: (counting: Counting) => count(analytics, counting),
    /** Errors of a service in a minute; the time is of 2026-11-23 or whole. */
    errors: (time: string, times: number, service = 'api', tenant = 'acme') =>
      count(analytics, {
        metric: 'log',
        time: onTheDay(time),
        by: { service, level: 'error' },
        times,
        tenant,
      }),
    /** A run of the schedule at a time. */
    async watchAt(
      now: string,
      changed: Partial<AlertMemory> = {},
      more: Partial<MetricWatchPorts> = {},
    ) {
      clock.now = onTheDay(now);
      return await watchMetrics({ ...ports, store: { ...memory, ...changed }, ...more });
    },
    /** `firing api 09:02` */
    toldShort: () => told.map(short),
  };
}

export async function all<T>(some: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const one of some) found.push(one);
  return found;
}

const onTheDay = (time: string) => (time.length > 12 ? time : `2026-11-23T${time}Z`);

export function short({ type, group, start }: MetricAlert): string {
  const of = Object.values(group).join('/');
  return `${type.slice('metric_'.length)} ${of} ${start.slice(11, 16)}`.replace('  ', ' ');
}
