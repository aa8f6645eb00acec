import type { CloudState } from '../../state.ts';
import type { Section } from './merge.ts';

/** The classic shadow of one thing. */
export interface Shadow {
  readonly desired: Section;
  readonly reported: Section;
  readonly version: number;
}

export interface ShadowStore {
  get(thing: string): Shadow | undefined;
  /** The last version that the thing's shadow had, also one that is deleted; 0: there was none. */
  version(thing: string): number;
  put(thing: string, shadow: Shadow): void;
  /** Its version stays, and goes on from there. */
  remove(thing: string): void;
}

export function createShadowStore({ db }: CloudState): ShadowStore {
  db.exec(`CREATE TABLE IF NOT EXISTS iot_shadows (
    thing TEXT PRIMARY KEY, version INTEGER NOT NULL, sections TEXT) STRICT`);
  const select = db.prepare('SELECT version, sections FROM iot_shadows WHERE thing = ?');
  const put = db.prepare('INSERT OR REPLACE INTO iot_shadows VALUES (?, ?, ?)');
  const clear = db.prepare('UPDATE iot_shadows SET sections = NULL WHERE thing = ?');
  return {
    get(thing) {
      const row = select.get(thing);
      if (typeof row?.sections !== 'string') return undefined;
      return { ...JSON.parse(row.sections), version: Number(row.version) };
    },
    version: (thing) => Number(select.get(thing)?.version ?? 0),
    put(thing, { version, desired, reported }) {
      put.run(thing, version, JSON.stringify({ desired, reported }));
    },
    remove(thing) {
      clear.run(thing);
    },
  };
}
