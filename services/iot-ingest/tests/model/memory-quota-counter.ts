import type { QuotaCounter } from '../../src/domain/quota/device-quotas.ts';

/** Held to the same contract tests as the table. `asked` counts its writes. */
export function memoryQuotaCounter(): QuotaCounter & { readonly asked: () => number } {
  const uses = new Map<string, number>();
  let asked = 0;
  return {
    asked: () => asked,
    async add(sender, { startsAt, minute }, count, most) {
      asked += 1;
      const total = JSON.stringify([sender, startsAt]);
      const ofMinute = JSON.stringify([sender, startsAt, minute]);
      const use = { inMinute: uses.get(ofMinute) ?? 0, inWindow: uses.get(total) ?? 0 };
      if (use.inMinute + count > most.inMinute || use.inWindow + count > most.inWindow) {
        return { added: false, use };
      }
      uses.set(ofMinute, use.inMinute + count);
      uses.set(total, use.inWindow + count);
      return {
        added: true,
        use: { inMinute: use.inMinute + count, inWindow: use.inWindow + count },
      };
    },
  };
}
