import { type ByteReader, type ByteWriter, damaged } from '../binary.ts';

/** FROZEN: 4,096 registers. */
export const PRECISION = 12;
const REGISTERS = 2 ** PRECISION;
/** Bits of a hash that choose no register; a rank is where the first 1 among them is, from 1. */
const RANK_BITS = 64 - PRECISION;
const MOST_RANK = RANK_BITS + 1;
/** Of each register, as it is stored. */
const WIDTH = 6;

/** The dense form: of each register the greatest rank of the hashes that chose it. */
export class Registers {
  readonly #ranks = new Uint8Array(REGISTERS);

  raise(register: number, rank: number): void {
    if (rank > (this.#ranks[register] ?? 0)) this.#ranks[register] = rank;
  }

  merge(other: Registers): void {
    other.#ranks.forEach((rank, register) => {
      this.raise(register, rank);
    });
  }

  /**
   * Ertl's improved raw estimator (arXiv 1702.01284, section 2): without bias from nothing to 10¹⁵,
   * and without tables or a border between two formulas. Standard error 1.04 / √4096 = 1.6 %.
   */
  estimate(): number {
    const byRank = new Float64Array(MOST_RANK + 1);
    for (const rank of this.#ranks) byRank[rank] = (byRank[rank] ?? 0) + 1;
    const share = (rank: number) => (byRank[rank] ?? 0) / REGISTERS;
    let sum = fullShare(1 - share(MOST_RANK));
    for (let rank = RANK_BITS; rank >= 1; rank -= 1) sum = (sum + share(rank)) / 2;
    sum += emptyShare(share(0));
    return REGISTERS / (2 * Math.LN2 * sum);
  }

  write(to: ByteWriter): void {
    let bits = 0;
    let held = 0;
    for (const rank of this.#ranks) {
      bits = (bits << WIDTH) | rank;
      held += WIDTH;
      for (; held >= 8; held -= 8) to.byte((bits >>> (held - 8)) & 0xff);
    }
  }

  static read(from: ByteReader): Registers {
    const registers = new Registers();
    let bits = 0;
    let held = 0;
    for (let register = 0; register < REGISTERS; register += 1) {
      for (; held < WIDTH; held += 8) bits = (bits << 8) | from.byte();
      held -= WIDTH;
      const rank = (bits >>> held) & (2 ** WIDTH - 1);
      if (rank > MOST_RANK) throw damaged('a rank that no hash has');
      registers.raise(register, rank);
    }
    return registers;
  }
}

/** σ(x) = x + Σ x^(2^k) 2^(k−1), k from 1: what empty registers tell. */
function emptyShare(x: number): number {
  if (x === 1) return Number.POSITIVE_INFINITY;
  let power = x;
  let sum = x;
  for (let weight = 1; ; weight *= 2) {
    power *= power;
    const next = sum + power * weight;
    if (next === sum) return sum;
    sum = next;
  }
}

/** τ(x) = (1 − x − Σ (1 − x^(2^−k))² 2^−k) / 3, k from 1: what registers that can rise no more tell. */
function fullShare(x: number): number {
  if (x === 0 || x === 1) return 0;
  let root = x;
  let sum = 1 - x;
  for (let weight = 0.5; ; weight /= 2) {
    root = Math.sqrt(root);
    const next = sum - (1 - root) ** 2 * weight;
    if (next === sum) return sum / 3;
    sum = next;
  }
}
