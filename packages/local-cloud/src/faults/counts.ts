/** What was injected so far, by where and how: `{"invocations.kill": 3, "api.failAfter": 1}`. */
export type FaultCounts = Readonly<Record<string, number>>;

export interface FaultCounter {
  add(area: string, kind: string): void;
  snapshot(): FaultCounts;
}

export function createFaultCounter(): FaultCounter {
  const counts: Record<string, number> = {};
  return {
    add(area, kind) {
      const name = `${area}.${kind}`;
      counts[name] = (counts[name] ?? 0) + 1;
    },
    snapshot: () => ({ ...counts }),
  };
}
