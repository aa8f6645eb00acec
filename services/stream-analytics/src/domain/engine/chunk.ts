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

const NO_CELLS: ReadonlyMap<string, readonly Cell[]> = new Map();

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
    const fresh = this.#freshCells(unit, effects);
    const actions = this.#actionsWith(unit, effects, fresh);
    const bytes = bytesOf(effects);
    if (actions > MOST_ACTIONS || (this.#bytes + bytes > MOST_BYTES && this.units.length > 0)) {
      if (this.units.length === 0) throw new RangeError(`${actions} items in one transaction`);
      return false;
    }
    this.#add(unit, effects, fresh);
    this.#bytes += bytes;
    return true;
  }

  /** Of the groups that were not met yet. Two of them may share cells. */
  #freshCells(unit: Unit, { counted }: Effects): ReadonlyMap<string, readonly Cell[]> {
    let fresh: Map<string, readonly Cell[]> | undefined;
    for (const one of counted) {
      if (this.#groups.has(one.group) || fresh?.has(one.group)) continue;
      fresh ??= new Map();
      fresh.set(one.group, emptyCells(one, unit.tenant, this.#writer));
    }
    return fresh ?? NO_CELLS;
  }

  #actionsWith(
    unit: Unit,
    { states, documents }: Effects,
    fresh: ReadonlyMap<string, readonly Cell[]>,
  ): number {
    let actions = this.logs.size + this.states.size + this.documents.size + this.cells.size;
    if (!this.logs.has(unit.log)) actions += 1;
    for (const key of states.keys()) if (!this.states.has(key)) actions += 1;
    for (const key of documents.keys()) if (!this.documents.has(key)) actions += 1;
    if (fresh.size === 0) return actions;
    const keys = new Set<string>();
    for (const cells of fresh.values()) {
      for (const cell of cells) {
        const key = cellKey(cell);
        if (!this.cells.has(key)) keys.add(key);
      }
    }
    return actions + keys.size;
  }

  #add(
    unit: Unit,
    { states, documents, counted }: Effects,
    fresh: ReadonlyMap<string, readonly Cell[]>,
  ): void {
    this.units.push(unit);
    const digests = this.logs.get(unit.log);
    if (digests) digests.push(unit.digest);
    else this.logs.set(unit.log, [unit.digest]);
    for (const [key, written] of states) this.states.set(key, written);
    for (const [key, written] of documents) this.documents.set(key, written);
    for (const [group, cells] of fresh) {
      this.#groups.set(
        group,
        cells.map((cell) => this.#shared(cell)),
      );
    }
    for (const one of counted) {
      for (const cell of this.#groups.get(one.group) ?? []) addTo(cell, one);
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
  for (const map of [states, documents]) {
    for (const { ref, state } of map.values()) {
      // At most 3 bytes for a UTF-16 unit.
      bytes += 3 * (ref.pk.length + (state?.length ?? 0));
    }
  }
  return bytes;
}
