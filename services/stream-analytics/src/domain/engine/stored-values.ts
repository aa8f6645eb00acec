import type {
  AnalyticsStore,
  ItemKey,
  StoredDetails,
  StoredState,
  Transaction,
} from './analytics-store.ts';
import { cellKey } from './cells.ts';
import { stateKey } from './effects.ts';
import type { StateRef } from './pipeline.ts';

/** What the store holds of the items that a batch touches, kept up to date with what we write. */
export class StoredValues {
  readonly #store: AnalyticsStore;
  readonly #states: Map<string, StoredState | undefined>;
  readonly #details = new Map<string, StoredDetails | undefined>();

  private constructor(store: AnalyticsStore, states: Map<string, StoredState | undefined>) {
    this.#store = store;
    this.#states = states;
  }

  static async read(
    refs: readonly StateRef<unknown>[],
    store: AnalyticsStore,
  ): Promise<StoredValues> {
    const distinct = new Map(refs.map(({ pk, sk }) => [stateKey({ pk, sk }), { pk, sk }]));
    const found = await store.readStates([...distinct.values()]);
    const names = [...distinct.keys()];
    return new StoredValues(store, new Map(names.map((name, at) => [name, found[at]])));
  }

  /** JSON. */
  stateOf(key: string): string | undefined {
    return this.#states.get(key)?.state;
  }

  /** 0 where there is none. */
  versionOf(key: string): number {
    return this.#states.get(key)?.version ?? 0;
  }

  async detailsOf(cells: readonly ItemKey[]): Promise<(StoredDetails | undefined)[]> {
    const unknown = cells.filter((cell) => !this.#details.has(cellKey(cell)));
    const found = await this.#store.readDetails(unknown);
    for (const [at, cell] of unknown.entries()) this.#details.set(cellKey(cell), found[at]);
    return cells.map((cell) => this.#details.get(cellKey(cell)));
  }

  /** A transaction that was committed. */
  note({ states, cells }: Transaction): void {
    for (const { pk, sk, state, replaces } of states) {
      if (replaces === 'any') continue;
      this.#states.set(stateKey({ pk, sk }), { state, version: replaces + 1 });
    }
    for (const cell of cells) {
      if (cell.details) this.#details.set(cellKey(cell), cell.details);
    }
  }
}
