import type { MetricAlert } from '@millrace/types';
import { metricPartition } from '@millrace/types';
import { decimalText } from '../../src/domain/decimal.ts';
import type {
  AlertMemory,
  RuleProgress,
  TenantMemory,
  Versioned,
} from '../../src/pipelines/alerts/alert-memory.ts';
import type { StoredCell } from '../../src/pipelines/alerts/tally.ts';
import { seriesPartition, spanOf } from '../../src/pipelines/alerts/watched-series.ts';
import type { memoryAnalyticsStore } from './memory-analytics-store.ts';

/** The memory of alerts in memory, held to the same contract tests as the tables. */
export function memoryAlertMemory(
  analytics: Pick<ReturnType<typeof memoryAnalyticsStore>, 'cells' | 'states'>,
): AlertMemory {
  const stored = new Map<string, { json: string; version: number }>();
  const alerts = new Map<string, MetricAlert>();
  const read = <T>(name: string): Versioned<T> | undefined => {
    const found = stored.get(name);
    return found && { value: JSON.parse(found.json), version: found.version };
  };
  const keep = (name: string, value: unknown, replaces: number) => {
    if ((stored.get(name)?.version ?? 0) !== replaces) return false;
    stored.set(name, { json: JSON.stringify(value), version: replaces + 1 });
    return true;
  };
  return {
    async *waiting() {
      for (const [sk, alert] of [...alerts].sort(([a], [b]) => (a < b ? -1 : 1)))
        yield { pk: 'alerts', sk, alert };
    },
    settle: async ({ sk }) => void alerts.delete(sk),
    readProgress: async ({ id }) => read<RuleProgress>(id),
    keepProgress: async ({ id }, progress, replaces) => keep(id, progress, replaces),
    async *tenantsWithData(series, from, to) {
      const begin = `${seriesPartition(series)} `;
      for (const name of [...(await analytics.states()).keys()].sort()) {
        if (!name.startsWith(begin)) continue;
        const [span = '', tenant = ''] = name.slice(begin.length).split('#');
        if (span >= spanOf(from, series.window) && span <= spanOf(to, series.window)) yield tenant;
      }
    },
    async *tenantsRemembered({ id }) {
      for (const [name, { json }] of stored) {
        const [rule, tenant] = name.split(' ');
        const { groups } = JSON.parse(json) as TenantMemory;
        if (rule === id && tenant && Object.keys(groups).length > 0) yield tenant;
      }
    },
    readTenant: async ({ id }, tenant) => read<TenantMemory>(`${id} ${tenant}`),
    async keepTenant({ id }, tenant, memory, replaces, raised) {
      if (!keep(`${id} ${tenant}`, memory, replaces)) return false;
      for (const alert of raised) alerts.set(`${alert.at}#${alert.start}#${alert.id}`, alert);
      return true;
    },
    async *cells({ metric, window }, tenant, from, to) {
      const pk = metricPartition(tenant, metric, window);
      const cells = (await analytics.cells())
        .filter((cell) => cell.pk === pk && cell.start >= from && cell.start <= to)
        .sort((a, b) => (a.sk < b.sk ? -1 : 1));
      for (const { start, dimensions, count, sum, details = {} } of cells) {
        const { version: _, top: __, ...kept } = { version: 0, top: undefined, ...details };
        yield { start, dimensions, count, sum: decimalText(sum), ...kept } satisfies StoredCell;
      }
    },
  };
}
