import type { MetricItem, MetricName } from '@millrace/types';
import type { MetricPart } from './metric-range.ts';

/** What is counted in one stored item: of a window, a combination of dimensions, and a writer. */
export type MetricSlice = Omit<MetricItem, 'pk' | 'sk' | 'tenant' | 'metric' | 'window'>;

export interface MetricStore {
  /** In the order of their windows. */
  slices(tenant: string, metric: MetricName, part: MetricPart): AsyncIterable<MetricSlice>;
}
