import { Distinct, Quantiles } from '@millrace/sketches';
import { type Decimal, decimalText, parseDecimal, ZERO } from '../../domain/decimal.ts';
import type { AlertRule, Measure } from './alert-rule.ts';

/** One stored counter of a window: of one combination of dimensions and one writer. */
export interface StoredCell {
  readonly start: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly count: number;
  /** Plain decimal text. */
  readonly sum: string;
  readonly min?: number;
  readonly max?: number;
  readonly quantiles?: Uint8Array;
  readonly distinct?: Uint8Array;
}

interface Total {
  count: number;
  sum: Decimal;
  min: number;
  max: number;
  quantiles: Quantiles | undefined;
  distinct: Distinct | undefined;
}

/** Groups of a tenant that one rule judges; their alerts fit into one transaction. */
export const MOST_GROUPS = 90;

/** The cells of one window, added up by the groups of a rule. */
export class Tally {
  readonly #rule: AlertRule;
  readonly #totals = new Map<string, Total | undefined>();
  readonly #leftOut = new Set<string>();

  /** @param known groups that have a place before new ones. */
  constructor(rule: AlertRule, known: Iterable<string>) {
    this.#rule = rule;
    for (const group of known) this.#totals.set(group, undefined);
  }

  add(cell: StoredCell): void {
    const { where = {}, groupBy = [] } = this.#rule as AlertRule & Filter;
    for (const [name, values] of Object.entries(where)) {
      if (!values.includes(cell.dimensions[name] ?? '')) return;
    }
    const group = JSON.stringify(groupBy.map((name) => cell.dimensions[name] ?? ''));
    if (!this.#totals.has(group) && this.#totals.size >= MOST_GROUPS) {
      // So many names are not worth their memory.
      if (this.#leftOut.size < MOST_GROUPS) this.#leftOut.add(group);
      return;
    }
    this.#totals.set(group, withCell(this.#totals.get(group), cell));
  }

  /** At most told of as many as `MOST_GROUPS`. */
  get leftOut(): number {
    return this.#leftOut.size;
  }

  /** Of each group that has data. What was counted and taken back again is none. */
  values(): Map<string, number> {
    const values = new Map<string, number>();
    for (const [group, total] of this.#totals) {
      if (!total || total.count === 0) continue;
      const value = measured(total, this.#rule.measure);
      if (value !== undefined) values.set(group, value);
    }
    return values;
  }
}

/** A rule whose metric is not known by type. */
interface Filter {
  readonly where?: Readonly<Record<string, readonly string[]>>;
  readonly groupBy?: readonly string[];
}

function withCell(before: Total | undefined, cell: StoredCell): Total {
  const total = before ?? {
    count: 0,
    sum: ZERO,
    min: Number.POSITIVE_INFINITY,
    max: Number.NEGATIVE_INFINITY,
    quantiles: undefined,
    distinct: undefined,
  };
  total.count += cell.count;
  total.sum += parseDecimal(cell.sum);
  if (cell.min !== undefined) total.min = Math.min(total.min, cell.min);
  if (cell.max !== undefined) total.max = Math.max(total.max, cell.max);
  if (cell.quantiles) {
    const sketch = Quantiles.fromBytes(cell.quantiles);
    total.quantiles = total.quantiles?.merge(sketch) ?? sketch;
  }
  if (cell.distinct) {
    const sketch = Distinct.fromBytes(cell.distinct);
    total.distinct = total.distinct?.merge(sketch) ?? sketch;
  }
  return total;
}

const QUANTILES = { p50: 0.5, p95: 0.95, p99: 0.99 } as const;

function measured(total: Total, measure: Measure): number | undefined {
  switch (measure) {
    case 'count':
      return total.count;
    case 'sum':
      return Number(decimalText(total.sum));
    case 'mean':
      return Number(decimalText(total.sum)) / total.count;
    case 'min':
    case 'max':
      return Number.isFinite(total[measure]) ? total[measure] : undefined;
    case 'distinct':
      return total.distinct?.estimate() ?? 0;
    default:
      return total.quantiles?.quantile(QUANTILES[measure]);
  }
}
