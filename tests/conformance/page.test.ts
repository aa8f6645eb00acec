import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { merged } from './columns.ts';
import { renderPage } from './page.ts';
import { PAGE, readRecorded } from './recorded.ts';
import type { Rule } from './rule.ts';
import { rules } from './rules/index.ts';

describe('the page', () => {
  it('is what was recorded, of the rules that there are (npm run conformance -- --write)', async () => {
    expect(await readFile(PAGE, 'utf8')).toBe(renderPage(rules, await readRecorded()));
  });

  it('says of every rule what Millrace does, and of none that it fails', async () => {
    const own = (await readRecorded()).find(({ name }) => name === 'Millrace');
    const kinds = rules.map(({ id }) => [id, own?.cells[id]?.kind ?? 'not asked']);
    expect(kinds.filter(([, kind]) => kind !== 'holds' && kind !== 'not offered')).toEqual([]);
  });

  it('shows what was seen as text, without the names that a run made up', () => {
    const rule: Rule = { id: 's3/a', title: 'A', page: 'https://a', run: () => Promise.resolve() };
    const reason = 'stream-abc1231 has <b>no</b> |record|';
    const page = renderPage(
      [rule],
      [{ name: 'Other', version: '1', cells: { 's3/a': { kind: 'fails', reason } } }],
    );
    expect(page).toContain('- A: fails: stream has \\<b\\>no\\</b\\> \\|record\\|');
    expect(page).toContain('| [A](https://a) | **fails** |');
  });
});

describe('what was recorded', () => {
  const holds = { kind: 'holds' } as const;
  const fails = { kind: 'fails', reason: 'why' } as const;
  const ids = new Set(['a/1', 'a/2']);

  it('keeps what was not asked again, of the rules that there are', () => {
    const recorded = [
      { name: 'A', version: '1', cells: { 'a/1': fails, 'a/2': holds, 'a/3': holds } },
    ];
    const asked = [{ name: 'A', version: '1', cells: { 'a/1': holds } }];
    expect(merged(recorded, asked, ids)).toEqual([
      { name: 'A', version: '1', cells: { 'a/1': holds, 'a/2': holds } },
    ]);
  });

  it('keeps nothing of another version', () => {
    const recorded = [{ name: 'A', version: '1', cells: { 'a/1': holds, 'a/2': holds } }];
    const asked = [{ name: 'A', version: '2', cells: { 'a/1': fails } }];
    expect(merged(recorded, asked, ids)).toEqual([
      { name: 'A', version: '2', cells: { 'a/1': fails } },
    ]);
  });
});

describe('the rules', () => {
  it('have names of their own', () => {
    const ids = rules.map(({ id }) => id);
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
  });

  it.for(rules.map((rule) => [rule.id, rule] as const))('%s is told in full', ([id, rule]) => {
    expect(id).toMatch(/^[a-z0-9-]+\/[a-z0-9-]+$/);
    expect(rule.title).toMatch(/[^.]$/);
    expect(rule.page).toMatch(
      /^https:\/\/(docs|repost)\.aws\.amazon\.com\/|^https:\/\/aws\.amazon\.com\//,
    );
  });
});
