import { hash } from 'node:crypto';
import {
  METRICS,
  type MetricDeclaration,
  type MetricName,
  type MetricWindow,
  metricPartition,
  type Observation,
  windowStart,
} from '@millrace/types';
import { type Decimal, decimalOf, decimalOfInteger, ZERO } from '../decimal.ts';

/** What is added to one item of the table `metrics`. */
export interface Cell {
  readonly pk: string;
  readonly sk: string;
  readonly tenant: string;
  readonly metric: MetricName;
  readonly window: MetricWindow;
  readonly start: string;
  readonly dimensions: Readonly<Record<string, string>>;
  count: number;
  sum: Decimal;
  /** Where the metric keeps details: what they are made of, as seen since they were last stored. */
  readonly seen: SeenValues | undefined;
}

export interface SeenValues {
  readonly values: number[];
  readonly members: Set<string>;
  readonly terms: Map<string, number>;
}

/** An observation of one event. */
export interface Observed {
  readonly metric: MetricName;
  readonly time: string;
  readonly observation: Observation;
  readonly times: number;
}

export interface Counted extends Observed {
  /** See `groupOf`. */
  readonly group: string;
}

/** Names what a metric counts in a minute. */
export function cellsOf(tenant: string, metric: MetricName, minute: string): string {
  return `${tenant}\n${metric}\n${minute}`;
}

/**
 * Names the cells of an observation: those of all windows of its metric, at its minute (`cells`) and
 * with its dimensions. Short and made without hashing, as it is asked for each event.
 */
export function groupOf(cells: string, metric: MetricName, { by }: Observation): string {
  const { dimensions } = METRICS[metric] as MetricDeclaration;
  let group = cells;
  for (const name of dimensions) {
    const value = by[name] ?? '';
    group += `\n${value.length}\n${value}`;
  }
  return group;
}

/** @param writer whose items these are: no other writer adds to them. */
export function emptyCells(
  { metric, time, observation }: Observed,
  tenant: string,
  writer: string,
) {
  const { dimensions, windows, details } = METRICS[metric] as MetricDeclaration;
  const values = dimensions.map((name) => observation.by[name] ?? '');
  const digest = digestOf(values);
  return windows.map((window): Cell => {
    const start = windowStart(time, window);
    return {
      pk: metricPartition(tenant, metric, window),
      sk: `${start}#${digest}#${writer}`,
      tenant,
      metric,
      window,
      start,
      dimensions: Object.fromEntries(dimensions.map((name, at) => [name, values[at] ?? ''])),
      count: 0,
      sum: ZERO,
      seen: details.length > 0 ? { values: [], members: new Set(), terms: new Map() } : undefined,
    };
  });
}

export function addTo(cell: Cell, { observation, times }: Observed): void {
  const { value, member, term } = observation;
  cell.count += times;
  if (value !== undefined) {
    const exact = exactly(value);
    cell.sum += times === 1 ? exact : exact * BigInt(times);
  }
  const { seen } = cell;
  if (!seen) return;
  if (value !== undefined) {
    for (let nth = 0; nth < times; nth += 1) seen.values.push(Number(value));
  }
  if (member !== undefined) seen.members.add(member);
  if (term !== undefined) seen.terms.set(term, (seen.terms.get(term) ?? 0) + times);
}

function exactly(value: number | bigint): Decimal {
  return typeof value === 'bigint' ? decimalOfInteger(value) : decimalOf(value);
}

/** Dimensions repeat from event to event, and hashing is what costs. */
const DIGESTS = new Map<string, string>();
const MOST_DIGESTS = 20_000;

function digestOf(values: readonly string[]): string {
  const text = JSON.stringify(values);
  const known = DIGESTS.get(text);
  if (known !== undefined) return known;
  const digest = hash('sha256', text, 'base64url').slice(0, 22);
  if (DIGESTS.size >= MOST_DIGESTS) DIGESTS.clear();
  DIGESTS.set(text, digest);
  return digest;
}

export function cellKey({ pk, sk }: { readonly pk: string; readonly sk: string }): string {
  return `${pk}\n${sk}`;
}
