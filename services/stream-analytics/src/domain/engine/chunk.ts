import { MOST_ACTIONS } from './analytics-store.ts';
import { addTo, type Cell, cellKey, emptyCells } from './cells.ts';
import { type Effects, NOTHING, type WrittenState } from './effects.ts';

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
    if (states !== NOTHING) actions += missing(states, this.states);
    if (documents !== NOTHING) actions += missing(documents, this.documents);
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
    if (states !== NOTHING) putAll(states, this.states);
    if (documents !== NOTHING) putAll(documents, this.documents);
    if (fresh !== NO_CELLS) this.#share(fresh);
    for (const one of counted) {
      for (const cell of this.#groups.get(one.group) ?? []) addTo(cell, one);
    }
  }

  #share(fresh: ReadonlyMap<string, readonly Cell[]>): void {
    for (const [group, cells] of fresh) {
      this.#groups.set(
        group,
        cells.map((cell) => this.#shared(cell)),
      );
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

type Written = ReadonlyMap<string, WrittenState>;

function missing(from: Written, known: Written): number {
  let count = 0;
  for (const key of from.keys()) if (!known.has(key)) count += 1;
  return count;
}

function putAll(from: Written, to: Map<string, WrittenState>): void {
  for (const [key, written] of from) to.set(key, written);
}

function bytesOf({ states, documents }: Effects): number {
  return bytesIn(states) + bytesIn(documents);
}

function bytesIn(map: Written): number {
  let bytes = 0;
  if (map === NOTHING) return bytes;
  for (const { ref, state } of map.values()) {
    // At most 3 bytes for a UTF-16 unit.
    bytes += 3 * (ref.pk.length + (state?.length ?? 0));
  }
  return bytes;
}
