export interface EwmaOptions {
  /** After so many observations one counts half as much as when it was the latest; above 0. */
  readonly halfLife: number;
  /** `score` is 0 before so many observations; otherwise the half-life, rounded up, at least 2. */
  readonly warmUp?: number;
  /** The least deviation that `score` divides by, in the unit of the values; otherwise 0. */
  readonly leastDeviation?: number;
  /** The same as a share of the mean; otherwise 0.01. */
  readonly leastShare?: number;
}

/** Plain numbers, as JSON holds them. */
export interface EwmaState {
  /** Of observations. */
  readonly count: number;
  readonly mean: number;
  readonly variance: number;
}

/** Squares of greater ones leave the range of doubles. */
const GREATEST = 1e150;

/**
 * Mean and variance of a series in which older observations count less and less, and how unusual a
 * value is by them.
 *
 * The weights are 1 for the latest, λ for the one before, λ², … with λ = 2^(−1 / half-life); mean and
 * variance (of the population) are those of the observations with these weights, from the first on, so
 * that the first is not overrated. Keep the options the same for a stored state.
 */
export class Ewma {
  readonly #decay: number;
  readonly #warmUp: number;
  readonly #leastDeviation: number;
  readonly #leastShare: number;
  #count: number;
  #mean: number;
  #variance: number;

  /** @throws RangeError where an option or a part of the state cannot be. */
  constructor(options: EwmaOptions, state: EwmaState = { count: 0, mean: 0, variance: 0 }) {
    const { halfLife, leastDeviation = 0, leastShare = 0.01 } = options;
    const { warmUp = Math.max(2, Math.ceil(halfLife)) } = options;
    check('half-life', halfLife, halfLife > 0);
    check('warm-up', warmUp, warmUp >= 0);
    check('least deviation', leastDeviation, leastDeviation >= 0);
    check('least share', leastShare, leastShare >= 0);
    check('count', state.count, Number.isSafeInteger(state.count) && state.count >= 0);
    check('mean', state.mean, Math.abs(state.mean) <= GREATEST);
    check('variance', state.variance, state.variance >= 0);
    this.#decay = 2 ** (-1 / halfLife);
    this.#warmUp = warmUp;
    this.#leastDeviation = leastDeviation;
    this.#leastShare = leastShare;
    this.#count = state.count;
    this.#mean = state.mean;
    this.#variance = state.variance;
  }

  get count(): number {
    return this.#count;
  }

  /** 0 before the first observation. */
  get mean(): number {
    return this.#mean;
  }

  get variance(): number {
    return this.#variance;
  }

  observe(value: number): void {
    check('value', value, Math.abs(value) <= GREATEST);
    this.#count += 1;
    const share = (1 - this.#decay) / (1 - this.#decay ** this.#count);
    const difference = value - this.#mean;
    this.#mean += share * difference;
    this.#variance = (1 - share) * (this.#variance + share * difference * difference);
  }

  /**
   * By how many standard deviations the value lies above the mean (negative: below). Score a value
   * before it is observed, or it is compared with itself.
   *
   * What hardly ever varied would make the least change an alert: the deviation counts as no less than
   * `leastDeviation` and `leastShare` of the mean. 0 while it warms up, and for the mean itself.
   */
  score(value: number): number {
    check('value', value, Math.abs(value) <= GREATEST);
    const difference = value - this.#mean;
    if (this.#count < this.#warmUp || this.#count === 0 || difference === 0) return 0;
    const floor = Math.max(this.#leastDeviation, this.#leastShare * Math.abs(this.#mean));
    return difference / Math.max(Math.sqrt(this.#variance), floor, Number.MIN_VALUE);
  }

  toJSON(): EwmaState {
    return { count: this.#count, mean: this.#mean, variance: this.#variance };
  }
}

function check(name: string, value: number, isValid: boolean): void {
  if (!isValid || !Number.isFinite(value)) throw new RangeError(`No ${name}: ${value}`);
}
