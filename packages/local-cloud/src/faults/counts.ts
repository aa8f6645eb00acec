/** What was injected so far, by where and how: `{invocations: {kill: 3}, api: {failAfter: 1}}`. */
export type FaultCounts = Readonly<Record<string, Readonly<Record<string, number>>>>;

export interface FaultCounter {
  add(area: string, kind: string): void;
  snapshot(): FaultCounts;
}

export function createFaultCounter(): FaultCounter {
  const counts: Record<string, Record<string, number>> = {};
  return {
    add(area, kind) {
      counts[area] ??= {};
      counts[area][kind] = (counts[area][kind] ?? 0) + 1;
    },
    snapshot: () => structuredClone(counts),
  };
}
