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

/**
 * What was recorded, brought up to date: a new answer replaces an old one, answers of another version
 * are all given up, and so are those of rules that are gone.
 */
export function merged(
  recorded: readonly Column[],
  asked: readonly Column[],
  ruleIds: ReadonlySet<string>,
): Column[] {
  const names = new Set([...recorded, ...asked].map(({ name }) => name));
  return [...names].flatMap((name) => {
    const [before, now] = [recorded, asked].map((all) => all.find((one) => one.name === name));
    const column = now ?? before;
    if (!column) return [];
    const kept = before?.version === column.version ? before.cells : {};
    const cells = Object.entries({ ...kept, ...now?.cells }).filter(([id]) => ruleIds.has(id));
    cells.sort(([a], [b]) => (a < b ? -1 : 1));
    return [{ ...column, cells: Object.fromEntries(cells) }];
  });
}

/** Names that a rule made up for this run say nothing. */
export const withoutNames = (reason: string): string =>
  reason.replaceAll(/\b([a-z]+)-[a-z0-9]{6}\d+\b/g, '$1');
