import type { CloudState } from '../../state.ts';
import { NO_COUNTS } from '../running-trigger.ts';
import type { LaneMemory } from './lane-memory.ts';
import type { MappingCounts, ShardStep } from './shard-ledger.ts';
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
  hasShard(mappingId: string, shardId: string): boolean;
  addShard(mappingId: string, shardId: string, position: ShardPosition): void;
  /** A step of a shard: checkpoint, what the lanes remember and what was counted, in one. */
  commit(mappingId: string, shardId: string, step: ShardStep): void;
  /** What the lanes of the shard remember, by lane; empty if nothing. */
  lanes(mappingId: string, shardId: string): readonly (LaneMemory | undefined)[];
  /** Since the mapping was first declared on this state. */
  counts(mappingId: string): MappingCounts;
  end(mappingId: string, shardId: string): void;
  /** Forgets a shard that ended and that its stream no longer lists. */
  forgetShard(mappingId: string, shardId: string): void;
}

interface Row {
  shard_id: string;
  position: string;
  ended: number;
}

const SCHEMA = `CREATE TABLE IF NOT EXISTS mapping_sources (
    mapping_id TEXT PRIMARY KEY,
    identity TEXT NOT NULL
  );
  CREATE TABLE IF NOT EXISTS mapping_shards (
    mapping_id TEXT NOT NULL,
    shard_id TEXT NOT NULL,
    position TEXT NOT NULL,
    ended INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (mapping_id, shard_id)
  );
  CREATE TABLE IF NOT EXISTS mapping_lanes (
    mapping_id TEXT NOT NULL,
    shard_id TEXT NOT NULL,
    memory TEXT NOT NULL,
    PRIMARY KEY (mapping_id, shard_id)
  );
  CREATE TABLE IF NOT EXISTS mapping_counts (
    mapping_id TEXT NOT NULL,
    name TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (mapping_id, name)
  );`;

export function createCheckpointStore(state: CloudState): CheckpointStore {
  const { db } = state;
  db.exec(SCHEMA);
  const identity = db.prepare('SELECT identity FROM mapping_sources WHERE mapping_id = ?');
  const setIdentity = db.prepare(
    'INSERT OR REPLACE INTO mapping_sources (mapping_id, identity) VALUES (?, ?)',
  );
  const shards = db.prepare(
    'SELECT shard_id, position, ended FROM mapping_shards WHERE mapping_id = ?',
  );
  const shard = db.prepare('SELECT 1 FROM mapping_shards WHERE mapping_id = ? AND shard_id = ?');
  const forget = db.prepare('DELETE FROM mapping_shards WHERE mapping_id = ?');
  const forgetEnded = db.prepare(
    'DELETE FROM mapping_shards WHERE mapping_id = ? AND shard_id = ? AND ended = 1',
  );
  const add = db.prepare(
    'INSERT INTO mapping_shards (mapping_id, shard_id, position, ended) VALUES (?, ?, ?, ?)',
  );
  const advance = db.prepare(
    'UPDATE mapping_shards SET position = ? WHERE mapping_id = ? AND shard_id = ?',
  );
  const lanes = db.prepare(
    'SELECT memory FROM mapping_lanes WHERE mapping_id = ? AND shard_id = ?',
  );
  const remember = db.prepare('INSERT OR REPLACE INTO mapping_lanes VALUES (?, ?, ?)');
  const forgetLanes = db.prepare('DELETE FROM mapping_lanes WHERE mapping_id = ? AND shard_id = ?');
  const forgetAllLanes = db.prepare('DELETE FROM mapping_lanes WHERE mapping_id = ?');
  const counts = db.prepare('SELECT name, count FROM mapping_counts WHERE mapping_id = ?');
  const count = db.prepare(
    `INSERT INTO mapping_counts VALUES (?, ?, ?)
     ON CONFLICT (mapping_id, name) DO UPDATE SET count = count + excluded.count`,
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
        forgetAllLanes.run(mappingId);
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
    hasShard: (mappingId, shardId) => shard.get(mappingId, shardId) !== undefined,
    addShard(mappingId, shardId, position) {
      add.run(mappingId, shardId, JSON.stringify(position), 0);
    },
    commit(mappingId, shardId, step) {
      state.transaction(() => {
        if (step.checkpoint !== undefined) {
          const position = { kind: 'after', sequenceNumber: step.checkpoint };
          advance.run(JSON.stringify(position), mappingId, shardId);
        }
        if (step.lanes === null) forgetLanes.run(mappingId, shardId);
        else if (step.lanes) remember.run(mappingId, shardId, JSON.stringify(step.lanes));
        for (const [name, by] of Object.entries(step.counts)) {
          if (by > 0) count.run(mappingId, name, by);
        }
      });
    },
    lanes(mappingId, shardId) {
      const row = lanes.get(mappingId, shardId) as { memory: string } | undefined;
      const stored = JSON.parse(row?.memory ?? '[]') as (LaneMemory | null)[];
      return stored.map((memory) => memory ?? undefined);
    },
    counts(mappingId) {
      const rows = counts.all(mappingId) as unknown as { name: string; count: number }[];
      const counted = Object.fromEntries(rows.map((row) => [row.name, row.count]));
      return { ...NO_COUNTS, ...counted };
    },
    end(mappingId, shardId) {
      state.transaction(() => {
        end.run(mappingId, shardId);
        forgetLanes.run(mappingId, shardId);
      });
    },
    // What its lanes remembered went when it ended.
    forgetShard: (mappingId, shardId) => void forgetEnded.run(mappingId, shardId),
  };
}
