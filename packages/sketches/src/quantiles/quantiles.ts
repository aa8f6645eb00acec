import {
  ByteReader,
  ByteWriter,
  damaged,
  FORMAT,
  requireCountable,
  requirePositive,
} from '../binary.ts';
import { Bins } from './bins.ts';

/** FROZEN, as all of the mapping from values to bins: stored sketches are merged with new ones. */
const ACCURACY = 0.01;
const LEAST_MAGNITUDE = 1e-9;

const GAMMA = (1 + ACCURACY) / (1 - ACCURACY);
const LOG_GAMMA = Math.log(GAMMA);
/** In the middle of a bin, in that both its ends are equally far in proportion. */
const MIDDLE = 2 / (1 + GAMMA);

/**
 * Quantiles of numbers to within 1 %: DDSketch (Masson, Rim, Lee 2019), with bins as wide as 2 % of
 * their values. Equal values give equal bytes, in whatever order they were added and merged.
 *
 * Magnitudes below 1e-9 count as zero. Of each sign 2,048 bins are kept, enough for a factor of 6e17
 * between the least magnitude and the greatest; those beyond count with the least that are kept.
 */
export class Quantiles {
  #negative = new Bins();
  #positive = new Bins();
  #zeros = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = Number.NEGATIVE_INFINITY;

  get count(): number {
    return this.#negative.total + this.#zeros + this.#positive.total;
  }

  /** Exact; undefined where nothing was added. */
  get min(): number | undefined {
    return this.count > 0 ? this.#min : undefined;
  }

  /** Exact; undefined where nothing was added. */
  get max(): number | undefined {
    return this.count > 0 ? this.#max : undefined;
  }

  /**
   * @param count how often, from 1.
   * @throws RangeError for NaN, infinities, and counts that are none.
   */
  add(value: number, count = 1): void {
    if (!Number.isFinite(value)) throw new RangeError(`Quantiles are of numbers, not ${value}`);
    requirePositive(count);
    requireCountable(this.count + count);
    if (value >= LEAST_MAGNITUDE) this.#positive.add(indexOf(value), count);
    else if (value <= -LEAST_MAGNITUDE) this.#negative.add(indexOf(-value), count);
    else this.#zeros += count;
    // Negative zero is zero.
    if (value < this.#min) this.#min = value + 0;
    if (value > this.#max) this.#max = value + 0;
  }

  /** Adds what was added to the other, which stays as it is. */
  merge(other: Quantiles): this {
    requireCountable(this.count + other.count);
    this.#negative.merge(other.#negative);
    this.#positive.merge(other.#positive);
    this.#zeros += other.#zeros;
    this.#min = Math.min(this.#min, other.#min);
    this.#max = Math.max(this.#max, other.#max);
    return this;
  }

  /**
   * The value that has ⌊q (count − 1)⌋ values before it in ascending order, to within 1 % of itself.
   * 0 and 1 give the exact minimum and maximum; undefined where nothing was added.
   */
  quantile(q: number): number | undefined {
    if (!(q >= 0 && q <= 1)) throw new RangeError(`A quantile is from 0 to 1, not ${q}`);
    if (this.count === 0) return undefined;
    if (q === 0) return this.#min;
    if (q === 1) return this.#max;
    const found = this.#valueAtRank(Math.floor(q * (this.count - 1)));
    return Math.min(Math.max(found, this.#min), this.#max);
  }

  toBytes(): Uint8Array<ArrayBuffer> {
    const writer = new ByteWriter(FORMAT.quantiles);
    if (this.count > 0) {
      writer.number(this.#zeros);
      writer.double(this.#min);
      writer.double(this.#max);
      this.#negative.write(writer);
      this.#positive.write(writer);
    }
    return writer.finish();
  }

  /** @throws RangeError where the bytes are damaged or something else. */
  static fromBytes(bytes: Uint8Array): Quantiles {
    const sketch = new Quantiles();
    const reader = new ByteReader(bytes, FORMAT.quantiles);
    if (reader.isAtEnd) return sketch;
    sketch.#zeros = reader.number();
    sketch.#min = reader.double();
    sketch.#max = reader.double();
    sketch.#negative = Bins.read(reader);
    sketch.#positive = Bins.read(reader);
    reader.finish();
    sketch.#check();
    return sketch;
  }

  #check(): void {
    const areInOrder = this.#min <= this.#max;
    if (!areInOrder || !Number.isFinite(this.#min) || !Number.isFinite(this.#max)) {
      throw damaged('minimum and maximum');
    }
    if (this.count === 0 || !Number.isSafeInteger(this.count)) throw damaged('the count');
  }

  #valueAtRank(rank: number): number {
    const negatives = this.#negative.total;
    if (rank < negatives) return -middleOf(this.#negative.indexAtRank(negatives - 1 - rank));
    const left = rank - negatives - this.#zeros;
    return left < 0 ? 0 : middleOf(this.#positive.indexAtRank(left));
  }
}

/** The bin i holds what is above γⁱ⁻¹, up to γⁱ. */
function indexOf(magnitude: number): number {
  return Math.ceil(Math.log(magnitude) / LOG_GAMMA);
}

function middleOf(index: number): number {
  return MIDDLE * Math.exp(index * LOG_GAMMA);
}
