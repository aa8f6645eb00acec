import { type ByteReader, type ByteWriter, damaged } from '../binary.ts';
import { PRECISION, type Registers } from './registers.ts';

/** FROZEN, as the two below: as many bits of a hash as tell a thousand members apart. */
const PREFIX_BITS = 25;
/** Bits of a prefix that choose no register. */
const TAIL_BITS = PREFIX_BITS - PRECISION;
const REST_BITS = 64 - PREFIX_BITS;

/** Then some 2.6 kB, and the dense form is as small. */
export const MOST_MEMBERS = 1_024;

/**
 * The sparse form: what a hash has to tell the registers, and more of it than they keep, so that
 * members are told apart. Of a hash its first 25 bits; where the 13 behind the register are all zero
 * also the place of the first 1 in the rest.
 */
export class Members {
  /** 64 times the prefix and the place, which is 0 where the prefix says enough. */
  readonly #keys = new Set<number>();

  get size(): number {
    return this.#keys.size;
  }

  /** @param high the first 32 bits of the hash, unsigned. */
  add(high: number, low: number): void {
    const prefix = high >>> (32 - PREFIX_BITS);
    this.#keys.add(prefix * 64 + (needsPlace(prefix) ? placeInRest(high, low) : 0));
  }

  merge(other: Members): void {
    for (const key of other.#keys) this.#keys.add(key);
  }

  raiseIn(registers: Registers): void {
    for (const key of this.#keys) {
      const prefix = prefixOf(key);
      const place = placeOf(key);
      const tail = prefix % 2 ** TAIL_BITS;
      const rank = place > 0 ? TAIL_BITS + place : Math.clz32(tail) - (32 - TAIL_BITS) + 1;
      registers.raise(prefix >>> TAIL_BITS, rank);
    }
  }

  /** Their number, then in ascending order what each prefix adds to the one before, and places. */
  write(to: ByteWriter): void {
    to.number(this.#keys.size);
    let before = 0;
    for (const key of [...this.#keys].sort((one, other) => one - other)) {
      const prefix = prefixOf(key);
      to.number(prefix - before);
      if (needsPlace(prefix)) to.number(placeOf(key));
      before = prefix;
    }
  }

  static read(from: ByteReader): Members {
    const members = new Members();
    const size = from.number();
    let prefix = 0;
    let last = -1;
    for (let nth = 0; nth < size; nth += 1) {
      prefix += from.number();
      const place = needsPlace(prefix) ? from.number() : 0;
      const key = prefix * 64 + place;
      const isPlace = !needsPlace(prefix) || (place >= 1 && place <= REST_BITS + 1);
      if (key <= last || prefix >= 2 ** PREFIX_BITS || !isPlace) throw damaged('members');
      members.#keys.add(key);
      last = key;
    }
    return members;
  }
}

function needsPlace(prefix: number): boolean {
  return prefix % 2 ** TAIL_BITS === 0;
}

function prefixOf(key: number): number {
  return Math.floor(key / 64);
}

function placeOf(key: number): number {
  return key % 64;
}

/** Of the first 1 behind the prefix, from 1; one more than there are bits where none is. */
function placeInRest(high: number, low: number): number {
  const upper = (high << PREFIX_BITS) >>> 0;
  if (upper !== 0) return Math.clz32(upper) + 1;
  return 32 - PREFIX_BITS + Math.clz32(low) + 1;
}
