import type { CloudState } from '../state.ts';

export type StreamMode = 'PROVISIONED' | 'ON_DEMAND';

/** Which capacity mode each stream was created in; the engine knows of provisioned ones only. */
export interface StreamModes {
  of(stream: string): StreamMode;
  set(stream: string, mode: StreamMode): void;
}

export function createStreamModes({ db }: CloudState): StreamModes {
  db.exec(`CREATE TABLE IF NOT EXISTS kinesis_on_demand_streams (name TEXT PRIMARY KEY) STRICT`);
  const find = db.prepare('SELECT 1 FROM kinesis_on_demand_streams WHERE name = ?');
  const add = db.prepare('INSERT OR IGNORE INTO kinesis_on_demand_streams VALUES (?)');
  const remove = db.prepare('DELETE FROM kinesis_on_demand_streams WHERE name = ?');
  return {
    of: (stream) => (find.get(stream) === undefined ? 'PROVISIONED' : 'ON_DEMAND'),
    set(stream, mode) {
      if (mode === 'ON_DEMAND') add.run(stream);
      else remove.run(stream);
    },
  };
}
