/** A count and a sum in whole thousandths. */
export interface Total {
  count: number;
  thousandths: number;
}

/** What was added up, by name. */
export class Totals {
  readonly #totals = new Map<string, Total>();

  /** @throws RangeError where a sum can no longer be held exactly */
  add(name: string, count: number, thousandths = 0): void {
    const total = this.#totals.get(name);
    if (!total) {
      this.#totals.set(name, { count, thousandths });
      return;
    }
    total.count += count;
    total.thousandths += thousandths;
    if (!Number.isSafeInteger(total.thousandths)) throw new RangeError(`${name} is too large`);
  }

  /** What adds up to nothing is as if it were not there. */
  *entries(): Generator<readonly [string, Total]> {
    for (const entry of this.#totals) {
      if (entry[1].count !== 0 || entry[1].thousandths !== 0) yield entry;
    }
  }

  get size(): number {
    return this.#totals.size;
  }

  get(name: string): Total | undefined {
    return this.#totals.get(name);
  }
}

const KEPT = { '1m': 16, '1h': 13, '1d': 10 } as const;
export type Window = keyof typeof KEPT;

/** @param time ISO 8601 in UTC. Returns the beginning of its window: `2026-11-23T09:41`. */
export function windowOf(time: string, window: Window): string {
  return time.slice(0, KEPT[window]);
}

/** How a counter is called, here and where it is read. */
export function counterName(
  tenant: string,
  metric: string,
  window: Window,
  time: string,
  by: readonly string[],
): string {
  return `counter ${tenant} ${metric} ${window} ${windowOf(time, window)} ${by.join(' ')}`;
}
