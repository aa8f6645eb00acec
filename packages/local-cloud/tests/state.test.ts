import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type CloudState, openState } from '../src/state.ts';

let dir: string;
let state: CloudState;
let seen: string[];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'millrace-state-'));
  state = openState(dir);
  state.db.exec('CREATE TABLE facts (name TEXT UNIQUE NOT NULL)');
  seen = [];
});
afterEach(() => {
  state.close();
  rmSync(dir, { recursive: true });
});

const store = (name: string) => state.db.prepare('INSERT INTO facts VALUES (?)').run(name);
const stored = () => state.db.prepare('SELECT count(*) AS n FROM facts').get()?.n;
const follow = (name: string) =>
  state.afterCommit(() => seen.push(`${name}, ${state.db.isTransaction ? 'open' : 'committed'}`));

it('runs what follows from an effect once that is committed, also of a transaction within', () => {
  state.transaction(() => {
    store('outer');
    follow('outer');
    state.transaction(() => {
      store('inner');
      follow('inner');
    });
    expect(seen).toEqual([]);
  });
  expect(seen).toEqual(['outer, committed', 'inner, committed']);
  follow('no transaction');
  expect(seen).toHaveLength(3);
});

it('forgets what would have followed from an effect that is undone', () => {
  const undone = () =>
    state.transaction(() => {
      store('undone');
      follow('undone');
      throw new Error('no');
    });
  expect(undone).toThrow('no');
  state.transaction(() => store('next'));
  expect(seen).toEqual([]);
  expect(stored()).toBe(1);
});

it('lets what follows open a transaction of its own', () => {
  state.transaction(() => {
    store('first');
    state.afterCommit(() => {
      state.transaction(() => {
        store('second');
        follow('second');
      });
    });
  });
  expect(stored()).toBe(2);
  expect(seen).toEqual(['second, committed']);
});
