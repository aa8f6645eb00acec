import type { AnalyticsStore } from './analytics-store.ts';
import { digestsOfBytes } from './identity.ts';

interface Log {
  readonly digests: Set<string>;
  position: number;
}

/** Digests kept in memory between batches, about 60 bytes each. */
const MOST_REMEMBERED = 500_000;

/**
 * Which events were processed, as far as this environment has read it. The logs only grow, so what is
 * remembered is never wrong, only behind: `refresh` reads what was added since.
 *
 * Invocations may share it and run side by side: what one of them remembers here moves `positionOf` for
 * all. So each keeps the positions at which it looked for its events, and writes its blocks after those.
 */
export class SeenEvents {
  readonly #store: AnalyticsStore;
  readonly #logs = new Map<string, Log>();

  constructor(store: AnalyticsStore) {
    this.#store = store;
  }

  /** Reads what was added to these logs, and forgets others where there are too many. */
  async refresh(names: ReadonlySet<string>): Promise<void> {
    this.#forget(names);
    // Blocks are written one after the other: where there is no next one, there is none behind it.
    const places = [...names].map((log) => ({ log, position: this.positionOf(log) + 1 }));
    const found = await this.#store.readBlocks(places);
    const grown: string[] = [];
    for (const [at, { log }] of places.entries()) {
      this.#use(log);
      const block = found[at];
      if (!block) continue;
      this.note(log, block.position, digestsOfBytes(block.digests));
      grown.push(log);
    }
    const waiting = grown.values();
    const reader = async () => {
      for (const name of waiting) await this.#readRest(name);
    };
    await Promise.all(Array.from({ length: Math.min(READERS, grown.length) }, reader));
  }

  /** As far as they are known here. */
  digestsOf(name: string): ReadonlySet<string> {
    return this.#logs.get(name)?.digests ?? NONE;
  }

  /** The last block of a log of which `has` knows; 0 where it knows none. */
  positionOf(name: string): number {
    return this.#logs.get(name)?.position ?? 0;
  }

  /** A block that we read or wrote. Ignored where one before it is not known (any more). */
  note(name: string, position: number, digests: Iterable<string>): void {
    const log = this.#log(name);
    if (position !== log.position + 1) return;
    log.position = position;
    for (const digest of digests) log.digests.add(digest);
  }

  async #readRest(name: string): Promise<void> {
    const blocks = await this.#store.readSeen(name, this.#log(name).position);
    for (const { position, digests } of blocks) {
      this.note(name, position, digestsOfBytes(digests));
    }
  }

  /** The longest unused stand first. */
  #use(name: string): void {
    const log = this.#log(name);
    this.#logs.delete(name);
    this.#logs.set(name, log);
  }

  #log(name: string): Log {
    const known = this.#logs.get(name);
    if (known) return known;
    const log: Log = { digests: new Set(), position: 0 };
    this.#logs.set(name, log);
    return log;
  }

  /** The longest unused first; an empty one counts as one. */
  #forget(needed: ReadonlySet<string>): void {
    let remembered = 0;
    for (const { digests } of this.#logs.values()) remembered += digests.size + 1;
    for (const [name, { digests }] of this.#logs) {
      if (remembered <= MOST_REMEMBERED) return;
      if (needed.has(name)) continue;
      remembered -= digests.size + 1;
      this.#logs.delete(name);
    }
  }
}

const READERS = 16;
const NONE: ReadonlySet<string> = new Set();
