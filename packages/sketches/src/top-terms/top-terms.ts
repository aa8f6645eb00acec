import {
  ByteReader,
  ByteWriter,
  damaged,
  FORMAT,
  requireCountable,
  requirePositive,
} from '../binary.ts';
import { decodeTerm, encodeTerm, termOf } from './term.ts';

const MOST_CAPACITY = 10_000;

export interface TopTerm {
  readonly term: string;
  /** At least the true count, and at most `error` above it. */
  readonly count: number;
  readonly error: number;
}

interface Counter {
  count: number;
  error: number;
}
type Counters = ReadonlyMap<string, Readonly<Counter>>;

/**
 * The most frequent terms: a mergeable summary in the manner of Space-Saving. As long as there are no
 * more different terms than its capacity, all counts are exact and equal terms give equal bytes.
 * Beyond, count − error ≤ true count ≤ count for every term that is kept, and one that is not kept has
 * at most `bound`. No error is greater than the bound, and the bound is at most the total weight
 * divided by the capacity + 1, in whatever order it was added and merged.
 *
 * Why: a term that is dropped has at most what it was counted, so the bound becomes at least that, and
 * a term that comes (again) starts with the bound as its error. All counts are at least the bound. The
 * sum of what they have above it grows by each weight, is added up by a merge, and falls by at least
 * (capacity + 1) × d when dropping raises the bound by d: by d for each that stays and for the greatest
 * that goes. As it never is negative, (capacity + 1) × bound ≤ total weight.
 */
export class TopTerms {
  readonly capacity: number;
  /** Up to twice the capacity, so that dropping, which sorts, is rare. */
  #counters = new Map<string, Counter>();
  #bound = 0;

  /** @param capacity terms, from 1 to 10,000. */
  constructor(capacity = 200) {
    if (!isCapacity(capacity)) {
      throw new RangeError(`A capacity is from 1 to ${MOST_CAPACITY}, not ${capacity}`);
    }
    this.capacity = capacity;
  }

  /** The most that a term may have that is not kept; 0 as long as all is exact. */
  get bound(): number {
    return this.#bound;
  }

  /**
   * @param term of a longer one the first 256 bytes are counted.
   * @param weight a whole number from 1.
   */
  add(term: string, weight = 1): void {
    requirePositive(weight);
    this.#count(termOf(term), weight, 0);
    if (this.#counters.size > 2 * this.capacity) this.#drop();
  }

  /**
   * Adds what was added to the other, which stays as it is. Of different capacities this one is kept,
   * and the bound is by the smaller.
   */
  merge(other: TopTerms): this {
    const { bound, counters } = other.#kept();
    requireCountable(greatestOf(this.#counters) + greatestOf(counters));
    for (const [term, counter] of this.#counters) {
      if (counters.has(term)) continue;
      counter.count += bound;
      counter.error += bound;
    }
    for (const [term, { count, error }] of counters) this.#count(term, count, error);
    this.#bound += bound;
    this.#drop();
    return this;
  }

  /** The k most frequent; of equal counts the lesser term first, by its UTF-16 units. */
  top(k: number): TopTerm[] {
    return ranked(this.#counters)
      .slice(0, Math.max(0, k))
      .map(([term, counter]) => ({ term, ...counter }));
  }

  toBytes(): Uint8Array<ArrayBuffer> {
    const { bound, counters } = this.#kept();
    const writer = new ByteWriter(FORMAT.topTerms);
    writer.number(this.capacity);
    writer.number(bound);
    writer.number(counters.size);
    for (const [term, { count, error }] of [...counters].sort(byTerm)) {
      const bytes = encodeTerm(term);
      writer.number(bytes.length);
      writer.bytes(bytes);
      writer.number(count - bound);
      writer.number(error);
    }
    return writer.finish();
  }

  /** @throws RangeError where the bytes are damaged or something else. */
  static fromBytes(bytes: Uint8Array): TopTerms {
    const reader = new ByteReader(bytes, FORMAT.topTerms);
    const capacity = reader.number();
    if (!isCapacity(capacity)) throw damaged('the capacity');
    const sketch = new TopTerms(capacity);
    sketch.#bound = reader.number();
    const size = reader.number();
    if (size > capacity) throw damaged('more terms than its capacity');
    let before: string | undefined;
    for (let nth = 0; nth < size; nth += 1) {
      const term = decodeTerm(reader.bytes(reader.number()));
      if (term === undefined) throw damaged('a term that is no text');
      if (before !== undefined && term <= before) throw damaged('terms out of order');
      sketch.#counters.set(term, readCounter(reader, sketch.#bound));
      before = term;
    }
    reader.finish();
    return sketch;
  }

  #count(term: string, count: number, error: number): void {
    const known = this.#counters.get(term);
    const counted = (known?.count ?? this.#bound) + count;
    requireCountable(counted);
    if (known) {
      known.count = counted;
      known.error += error;
    } else {
      this.#counters.set(term, { count: counted, error: this.#bound + error });
    }
  }

  /** As much as the capacity allows. */
  #kept(): { bound: number; counters: Counters } {
    const { capacity } = this;
    if (this.#counters.size <= capacity) return { bound: this.#bound, counters: this.#counters };
    const all = ranked(this.#counters);
    const bound = all[capacity]?.[1].count ?? 0;
    return { bound, counters: new Map(all.slice(0, capacity)) };
  }

  #drop(): void {
    const { bound, counters } = this.#kept();
    this.#bound = bound;
    for (const term of this.#counters.keys()) {
      if (!counters.has(term)) this.#counters.delete(term);
    }
  }
}

function isCapacity(value: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= MOST_CAPACITY;
}

function readCounter(reader: ByteReader, bound: number): Counter {
  const count = reader.number() + bound;
  const error = reader.number();
  if (!Number.isSafeInteger(count) || error > bound || error >= count) throw damaged('a count');
  return { count, error };
}

function ranked(counters: Counters): [string, Readonly<Counter>][] {
  return [...counters].sort((one, other) => other[1].count - one[1].count || byTerm(one, other));
}

function byTerm([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number {
  return one < other ? -1 : 1;
}

function greatestOf(counters: Counters): number {
  let greatest = 0;
  for (const { count } of counters.values()) greatest = Math.max(greatest, count);
  return greatest;
}
