import type { Outcome } from './outcome.ts';

/** What one implementation, in one version, was seen to do. */
export interface Column {
  readonly name: string;
  readonly version: string;
  /** By the rule's id. */
  readonly cells: Readonly<Record<string, Outcome>>;
}

/** `holds 90, fails 5, …`: how often each kind of cell is there. */
export function tally({ cells }: Column): string {
  const kinds = Map.groupBy(Object.values(cells), ({ kind }) => kind);
  return (['holds', 'fails', 'not offered', 'not observable'] as const)
    .flatMap((kind) => (kinds.has(kind) ? `${kind} ${kinds.get(kind)?.length}` : []))
    .join(', ');
}

/** Names that a rule made up for this run say nothing. */
export const withoutNames = (reason: string): string =>
  reason.replaceAll(/\b([a-z]+)-[a-z0-9]{6}\d+\b/g, '$1');
