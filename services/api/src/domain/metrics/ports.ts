import type { MetricName } from '@millrace/types';
import type { MetricPart } from './metric-range.ts';

/** One stored item: a window, one combination of dimensions, one writer. */
export interface MetricSlice {
  /** Of the window. */
  readonly start: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly count: number;
  /** As DynamoDB writes it. */
  readonly sum: string;
  readonly min?: number;
  readonly max?: number;
  /** Encoded by `@millrace/sketches`. */
  readonly quantiles?: Uint8Array;
  readonly distinct?: Uint8Array;
  readonly top?: Uint8Array;
}

export interface MetricStore {
  /** In the order of their windows. */
  slices(tenant: string, metric: MetricName, part: MetricPart): AsyncIterable<MetricSlice>;
}
