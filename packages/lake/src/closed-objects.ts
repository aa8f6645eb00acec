/** Of 32 characters: some 50 MB. */
const MOST_IDS = 500_000;

/** The ids of rows in closed objects, which never change: the least lately used are forgotten. */
export class ClosedObjects {
  readonly #mostIds: number;
  readonly #ids = new Map<string, ReadonlySet<string>>();
  #count = 0;

  constructor(mostIds = MOST_IDS) {
    this.#mostIds = mostIds;
  }

  idsOf(key: string): ReadonlySet<string> | undefined {
    const ids = this.#ids.get(key);
    if (!ids) return undefined;
    this.#ids.delete(key);
    this.#ids.set(key, ids);
    return ids;
  }

  remember(key: string, ids: ReadonlySet<string>): void {
    this.#count += ids.size - (this.#ids.get(key)?.size ?? 0);
    this.#ids.set(key, ids);
    for (const [oldest, forgotten] of this.#ids) {
      if (this.#count <= this.#mostIds) return;
      this.#ids.delete(oldest);
      this.#count -= forgotten.size;
    }
  }
}
