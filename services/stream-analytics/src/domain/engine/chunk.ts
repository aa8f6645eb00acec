import { MOST_ACTIONS } from './analytics-store.ts';
import { addTo, type Cell, cellKey, emptyCells } from './cells.ts';
import type { Effects, WrittenState } from './effects.ts';

/** An event, or a part of a large one, that is stored in one transaction. */
export interface Unit {
  /** Position of the event in its batch. */
  readonly index: number;
  readonly tenant: string;
  readonly digest: string;
  readonly log: string;
}

/** Of states and documents: far below the 4 MB of a transaction, as a hundred cells take less than 1 MB. */
const MOST_BYTES = 1_500_000;

/** Units that are stored together, and the sum of what they do. */
export class Chunk {
  readonly units: Unit[] = [];
  readonly logs = new Map<string, string[]>();
  readonly states = new Map<string, WrittenState>();
  readonly documents = new Map<string, WrittenState>();
  readonly cells = new Map<string, Cell>();
  readonly #groups = new Map<string, readonly Cell[]>();
  readonly #writer: string;
  #bytes = 0;

  /** @param writer names the cells' items: see `emptyCells`. */
  constructor(writer: string) {
    this.#writer = writer;
  }

  /**
   * Takes a unit if the transaction has room for it; false leaves the chunk as it was.
   *
   * @throws RangeError where it does not even fit alone.
   */
  take(unit: Unit, effects: Effects): boolean {
    const actions = this.#actionsWith(unit, effects);
    const bytes = bytesOf(effects);
    if (actions > MOST_ACTIONS || (this.#bytes + bytes > MOST_BYTES && this.units.length > 0)) {
      if (this.units.length === 0) throw new RangeError(`${actions} items in one transaction`);
      return false;
    }
    this.#add(unit, effects);
    this.#bytes += bytes;
    return true;
  }

  #actionsWith(unit: Unit, { states, documents, counted }: Effects): number {
    let actions = this.logs.size + this.states.size + this.documents.size + this.cells.size;
    if (!this.logs.has(unit.log)) actions += 1;
    for (const key of states.keys()) if (!this.states.has(key)) actions += 1;
    for (const key of documents.keys()) if (!this.documents.has(key)) actions += 1;
    let cells: Set<string> | undefined;
    for (const one of counted) {
      if (this.#groups.has(one.group)) continue;
      cells ??= new Set();
      for (const cell of emptyCells(one, unit.tenant, this.#writer)) {
        const key = cellKey(cell);
        if (!this.cells.has(key)) cells.add(key);
      }
    }
    return actions + (cells?.size ?? 0);
  }

  #add(unit: Unit, { states, documents, counted }: Effects): void {
    this.units.push(unit);
    const digests = this.logs.get(unit.log);
    if (digests) digests.push(unit.digest);
    else this.logs.set(unit.log, [unit.digest]);
    for (const [key, written] of states) this.states.set(key, written);
    for (const [key, written] of documents) this.documents.set(key, written);
    for (const one of counted) {
      let cells = this.#groups.get(one.group);
      if (!cells) {
        cells = emptyCells(one, unit.tenant, this.#writer).map((cell) => this.#shared(cell));
        this.#groups.set(one.group, cells);
      }
      for (const cell of cells) addTo(cell, one);
    }
  }

  /** Two minutes of an hour are two groups and share the hour's cell. */
  #shared(cell: Cell): Cell {
    const key = cellKey(cell);
    const known = this.cells.get(key);
    if (known) return known;
    this.cells.set(key, cell);
    return cell;
  }
}

function bytesOf({ states, documents }: Effects): number {
  let bytes = 0;
  for (const written of [...states.values(), ...documents.values()]) {
    // At most 3 bytes for a UTF-16 unit.
    bytes += 3 * (written.ref.pk.length + (written.state?.length ?? 0));
  }
  return bytes;
}
