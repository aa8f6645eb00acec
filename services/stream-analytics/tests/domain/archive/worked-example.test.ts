import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { archiveRow } from '../../../src/domain/archive/archive-row.ts';
import { PseudonymMaker } from '../../../src/domain/archive/pseudonyms.ts';
import { parseJson, readEvent } from '../../../src/domain/incoming-event.ts';
import { CLEANSING } from '../../../src/pipelines/cleansing/rules.ts';
import { decide, type LogEvent } from '../../../src/pipelines/logs/decide.ts';
import { LOG_RULES } from '../../../src/pipelines/logs/rules.ts';

const page = (name: string) =>
  readFileSync(join(import.meta.dirname, '../../../docs', name), 'utf8');

/** The event of a page, and the row that it becomes. */
async function example(text: string) {
  const [, json = ''] = /```json\n([\s\S]*?)```/.exec(text) ?? [];
  const parsed = parseJson(Buffer.from(json)) as object;
  const incoming = readEvent({ specversion: '1.0', ...parsed });
  const maker = new PseudonymMaker({ keyOf: async (tenant) => Buffer.alloc(32, tenant) });
  const { pseudonyms } = await maker.forTenants(new Set([incoming.tenant]));
  const archived = archiveRow(incoming, pseudonyms);
  if (archived.kind !== 'row') throw new Error('the example is a row');
  return { incoming, ...archived };
}

const changesOf = (row: object): { rule: string; field: string }[] =>
  JSON.parse(String('cleansed' in row ? row.cleansed : ''));

it('the event of docs/cleansing.md becomes the row that is told there, with those changes', async () => {
  const text = page('cleansing.md');
  const { key, row } = await example(text);
  expect(text).toContain(`\`${key}\``);
  for (const column of ['row_id', 'subject', 'name', 'user_id', 'data']) {
    expect(text).toMatch(new RegExp(`\\| \`${column}\` .*`));
    expect(text).toContain(`\`${row[column]}\``);
  }
  const told = [...text.matchAll(/^\| `(\w+)` +\| `([\w.*]+)` +\| 1 +\|$/gm)];
  expect(told.map(([, rule, field]) => ({ rule, field }))).toEqual(changesOf(row));
});

it('the line of docs/logs.md becomes the row that is told there, by that rule', async () => {
  const text = page('logs.md');
  const { key, row, incoming } = await example(text);
  expect(text).toContain(`\`${key}\``);
  for (const column of ['message', 'data']) expect(text).toContain(`\`${row[column]}\``);
  expect(changesOf(row)).toEqual([
    { rule: 'text_ansi_removed', field: 'log.message' },
    { rule: 'mask_card', field: 'log.message' },
    { rule: 'mask_named', field: 'log.fields.*' },
  ]);
  const { rule, decision } = decide(incoming.event as LogEvent, incoming.tenant);
  expect(text).toContain(`logs.decisions{service=shop, rule=${rule}, decision=${decision}}`);
});

it('docs/logs.md tells every rule with what it keeps, in their order', () => {
  const told = [...page('logs.md').matchAll(/^\| `(\w+)` .*\| (\d+) +\|$/gm)];
  expect(told.map(([, name, kept]) => [name, Number(kept)])).toEqual([
    ['errors', 1000],
    ...LOG_RULES.map(({ name, keptPerThousand }) => [name, keptPerThousand]),
    ['others', 1000],
  ]);
});

it('docs/cleansing.md tells every repair and every reason to drop', () => {
  const text = page('cleansing.md');
  const rules = Object.values(CLEANSING).flatMap(({ repairs = [], drops = [] }) =>
    [...repairs, ...drops].map(({ rule }) => rule),
  );
  expect(rules.filter((rule) => !text.includes(`\`${rule}\``))).toEqual([]);
});
