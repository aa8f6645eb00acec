import { type Entry, shortName } from '../../dead-letters/entry.ts';
import type { Letter } from '../../dead-letters/letters.ts';
import { listEntries } from '../../dead-letters/list-entries.ts';
import { inOneLine } from '../../dead-letters/printable.ts';
import type { Sources } from '../../dead-letters/sources.ts';
import { alignRows } from '../../terminal/columns.ts';
import { UsageError } from '../../usage-error.ts';
import type { Settings } from './settings.ts';

const LIMIT = 100;

export async function list(
  sources: Sources,
  { filter, limit = LIMIT, withClosed, isJson }: Settings,
  signal: AbortSignal,
): Promise<number> {
  if (filter.ids.length > 0) throw new UsageError('list takes no id: show does.');
  const { entries, more } = await listEntries(sources, filter, { limit, withClosed, signal });
  if (isJson) {
    console.log(JSON.stringify({ entries: entries.map(toldOf), more }, null, 2));
    return 0;
  }
  if (entries.length === 0) console.log('No dead letters.');
  else for (const line of tableOf(entries)) console.log(line);
  if (more > 0) console.log(`… and ${more} older ones: --limit shows more.`);
  return 0;
}

/** What JSON tells of an entry, of a letter its attributes too. */
export function toldOf(entry: Entry) {
  const { kind, id, service, functionName, code, message, at, records, status } = entry;
  const told = { kind, id, service, function: shortName(functionName), code, message, records };
  const { attributes, arrivedAt, claim } = entry as Partial<Letter>;
  return { ...told, status, at: new Date(at).toISOString(), arrivedAt, attributes, claim };
}

function tableOf(entries: readonly Entry[]): string[] {
  const cells = entries.map(({ kind, id, functionName, code, at, records, status }) => [
    ...[kind, inOneLine(shortName(functionName) || '–'), inOneLine(code)],
    ...[new Date(at).toISOString().slice(0, 19), String(records), status, inOneLine(id, 200)],
  ]);
  const head = ['kind', 'function', 'reason', 'when (UTC)', 'records', 'status', 'id'];
  return alignRows([head, ...cells], new Set([4])).map((line) => line.trimEnd());
}
