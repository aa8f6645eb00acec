import { type ByteReader, type ByteWriter, damaged } from '../binary.ts';

export const MOST_BINS = 2_048;
const FEWEST_CELLS = 64;
/** No double has an index beyond it. */
const FARTHEST = 40_000;

/**
 * Counts by index, of at most 2,048 neighbouring indexes: those beneath are counted with the lowest
 * that is left. So a count at index i stands at max(i, greatest − 2047), whichever came first, as
 * max(max(i, a), b) = max(i, b) for every a ≤ b: bins of equal values are equal in any order.
 */
export class Bins {
  #cells = new Float64Array(0);
  /** The index of the first cell. */
  #from = 0;
  #least = Number.POSITIVE_INFINITY;
  #greatest = Number.NEGATIVE_INFINITY;
  #total = 0;

  get total(): number {
    return this.#total;
  }

  add(index: number, count: number): void {
    const at = index < this.#least || index > this.#greatest ? this.#include(index) : index;
    this.#cells[at - this.#from] = (this.#cells[at - this.#from] ?? 0) + count;
    this.#total += count;
  }

  merge(other: Bins): void {
    // The greatest first, so that room is made once.
    for (let index = other.#greatest; index >= other.#least; index -= 1) {
      const count = other.#countAt(index);
      if (count > 0) this.add(index, count);
    }
  }

  /** Of the value with `rank` smaller ones, from 0 to total − 1. */
  indexAtRank(rank: number): number {
    let passed = 0;
    for (let index = this.#least; index < this.#greatest; index += 1) {
      passed += this.#countAt(index);
      if (passed > rank) return index;
    }
    return this.#greatest;
  }

  /** The number of indexes, the least, then each one's count; 0 and a number for a gap of that many. */
  write(to: ByteWriter): void {
    const span = this.#total === 0 ? 0 : this.#greatest - this.#least + 1;
    to.number(span);
    if (span === 0) return;
    to.number(this.#least + FARTHEST);
    let gap = 0;
    for (let index = this.#least; index <= this.#greatest; index += 1) {
      const count = this.#countAt(index);
      if (count === 0) {
        gap += 1;
        continue;
      }
      if (gap > 0) {
        to.number(0);
        to.number(gap);
        gap = 0;
      }
      to.number(count);
    }
  }

  static read(from: ByteReader): Bins {
    const bins = new Bins();
    const span = from.number();
    if (span === 0) return bins;
    const least = from.number() - FARTHEST;
    const greatest = least + span - 1;
    if (span > MOST_BINS || greatest > FARTHEST) throw damaged('bins out of range');
    for (let index = least; index <= greatest; index += 1) {
      const count = from.number();
      if (count > 0) {
        bins.add(index, count);
        continue;
      }
      const gap = from.number();
      index += gap - 1;
      // Both ends hold a count, and gaps are not split.
      const before = bins.#greatest + gap;
      if (gap === 0 || before !== index || index >= greatest) throw damaged('a gap out of place');
    }
    return bins;
  }

  #countAt(index: number): number {
    return this.#cells[index - this.#from] ?? 0;
  }

  /** @returns the index that counts for it. */
  #include(index: number): number {
    const greatest = Math.max(index, this.#greatest);
    const lowest = greatest - MOST_BINS + 1;
    const least = Math.max(Math.min(index, this.#least), lowest);
    const isOutside = least < this.#from || greatest >= this.#from + this.#cells.length;
    if (isOutside || this.#least < lowest) this.#move(least, greatest);
    this.#least = least;
    this.#greatest = greatest;
    return Math.max(index, lowest);
  }

  #move(least: number, greatest: number): void {
    const span = greatest - least + 1;
    const cells = new Float64Array(Math.max(FEWEST_CELLS, 2 ** Math.ceil(Math.log2(span * 1.5))));
    const from = least - Math.floor((cells.length - span) / 2);
    for (let index = this.#least; index <= this.#greatest; index += 1) {
      const at = Math.max(index, least) - from;
      cells[at] = (cells[at] ?? 0) + this.#countAt(index);
    }
    this.#cells = cells;
    this.#from = from;
  }
}
