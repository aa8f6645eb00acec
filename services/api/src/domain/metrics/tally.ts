import { Distinct, Quantiles, TopTerms } from '@millrace/sketches';
import { addDecimals, type Decimal, parseDecimal, ZERO } from './decimal.ts';
import type { MetricSlice } from './ports.ts';

/** What was counted, added up: of writers, of windows, of groups. */
export class Tally {
  count = 0;
  sum: Decimal = ZERO;
  min: number | undefined;
  max: number | undefined;
  quantiles: Quantiles | undefined;
  distinct: Distinct | undefined;
  top: TopTerms | undefined;

  static of(slice: MetricSlice): Tally {
    const tally = new Tally();
    tally.count = slice.count;
    tally.sum = parseDecimal(slice.sum);
    tally.min = slice.min;
    tally.max = slice.max;
    tally.quantiles = slice.quantiles && Quantiles.fromBytes(slice.quantiles);
    tally.distinct = slice.distinct && Distinct.fromBytes(slice.distinct);
    tally.top = slice.top && TopTerms.fromBytes(slice.top);
    return tally;
  }

  static total(tallies: Iterable<Tally>): Tally {
    const total = new Tally();
    for (const tally of tallies) total.add(tally);
    return total;
  }

  /** The other stays as it is. */
  add({ count, sum, min, max, quantiles, distinct, top }: Tally): void {
    this.count += count;
    this.sum = addDecimals(this.sum, sum);
    if (min !== undefined) this.min = Math.min(this.min ?? min, min);
    if (max !== undefined) this.max = Math.max(this.max ?? max, max);
    if (quantiles) this.quantiles = (this.quantiles ?? new Quantiles()).merge(quantiles);
    if (distinct) this.distinct = (this.distinct ?? new Distinct()).merge(distinct);
    if (top) this.top = (this.top ?? new TopTerms(top.capacity)).merge(top);
  }

  /** What a pipeline has taken back is as if it never was counted. */
  get isNothing(): boolean {
    return this.count === 0 && this.sum.units === 0n;
  }
}
