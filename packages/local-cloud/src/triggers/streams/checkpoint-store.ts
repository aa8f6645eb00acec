import type { CloudState } from '../../state.ts';
import type { ShardPosition } from './shard-source.ts';

export interface ShardCheckpoint {
  readonly shardId: string;
  readonly position: ShardPosition;
  /** Read to its end: its children may start. */
  readonly ended: boolean;
}

/**
 * What a mapping remembers. It is kept by function and source, so that it survives a restart and a
 * service that registers again; every method is one durable step.
 */
export interface CheckpointStore {
  /** The stream that the checkpoints belong to; undefined for a mapping that never ran. */
  identity(mappingId: string): string | undefined;
  /** Forgets the shards of a stream that is no more and starts with those of `identity`. */
  begin(mappingId: string, identity: string, shards: readonly ShardCheckpoint[]): void;
  shards(mappingId: string): ShardCheckpoint[];
  addShard(mappingId: string, shardId: string, position: ShardPosition): void;
  advance(mappingId: string, shardId: string, sequenceNumber: string): void;
  end(mappingId: string, shardId: string): void;
}

interface Row {
  shard_id: string;
  position: string;
  ended: number;
}

export function createCheckpointStore(state: CloudState): CheckpointStore {
  const { db } = state;
  db.exec(`CREATE TABLE IF NOT EXISTS mapping_sources (
    mapping_id TEXT PRIMARY KEY,
    identity TEXT NOT NULL
  );
  CREATE TABLE IF NOT EXISTS mapping_shards (
    mapping_id TEXT NOT NULL,
    shard_id TEXT NOT NULL,
    position TEXT NOT NULL,
    ended INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (mapping_id, shard_id)
  );`);
  const identity = db.prepare('SELECT identity FROM mapping_sources WHERE mapping_id = ?');
  const setIdentity = db.prepare(
    'INSERT OR REPLACE INTO mapping_sources (mapping_id, identity) VALUES (?, ?)',
  );
  const shards = db.prepare(
    'SELECT shard_id, position, ended FROM mapping_shards WHERE mapping_id = ?',
  );
  const forget = db.prepare('DELETE FROM mapping_shards WHERE mapping_id = ?');
  const add = db.prepare(
    'INSERT INTO mapping_shards (mapping_id, shard_id, position, ended) VALUES (?, ?, ?, ?)',
  );
  const advance = db.prepare(
    'UPDATE mapping_shards SET position = ? WHERE mapping_id = ? AND shard_id = ?',
  );
  const end = db.prepare(
    'UPDATE mapping_shards SET ended = 1 WHERE mapping_id = ? AND shard_id = ?',
  );

  return {
    identity: (mappingId) =>
      (identity.get(mappingId) as { identity: string } | undefined)?.identity,
    begin(mappingId, stream, initial) {
      state.transaction(() => {
        forget.run(mappingId);
        setIdentity.run(mappingId, stream);
        for (const { shardId, position, ended } of initial) {
          add.run(mappingId, shardId, JSON.stringify(position), ended ? 1 : 0);
        }
      });
    },
    shards: (mappingId) =>
      (shards.all(mappingId) as unknown as Row[]).map((row) => ({
        shardId: row.shard_id,
        position: JSON.parse(row.position) as ShardPosition,
        ended: row.ended === 1,
      })),
    addShard(mappingId, shardId, position) {
      add.run(mappingId, shardId, JSON.stringify(position), 0);
    },
    advance(mappingId, shardId, sequenceNumber) {
      advance.run(JSON.stringify({ kind: 'after', sequenceNumber }), mappingId, shardId);
    },
    end(mappingId, shardId) {
      end.run(mappingId, shardId);
    },
  };
}
