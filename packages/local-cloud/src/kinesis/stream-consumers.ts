import type { CloudState } from '../state.ts';

/** https://docs.aws.amazon.com/kinesis/latest/APIReference/API_RegisterStreamConsumer.html */
export const CONSUMERS_PER_STREAM = 20;

/** A stream of one life: one that is made again under its name has other consumers. */
export interface StreamLife {
  readonly name: string;
  /** Seconds since the epoch, as the engine tells it. */
  readonly createdAt: number;
}

export interface StreamConsumer {
  readonly name: string;
  readonly arn: string;
  /** Seconds since the epoch. */
  readonly createdAt: number;
}

/** Who is registered for enhanced fan-out. Durable; names are unique within a stream. */
export interface StreamConsumers {
  find(stream: StreamLife, name: string): StreamConsumer | undefined;
  /** At most `limit`, in the order of their names, from after `after` on. */
  list(stream: StreamLife, after: string, limit: number): StreamConsumer[];
  count(stream: StreamLife): number;
  /** The caller has looked that the name is free. */
  add(stream: StreamLife, name: string, now: number): StreamConsumer;
  remove(stream: StreamLife, name: string): void;
  /** The stream is gone, and its consumers are with it. */
  forget(stream: string): void;
}

export function createStreamConsumers(
  { db }: CloudState,
  streamArn: (stream: string) => string,
): StreamConsumers {
  db.exec(`CREATE TABLE IF NOT EXISTS kinesis_consumers (
    stream TEXT NOT NULL, stream_created REAL NOT NULL, name TEXT NOT NULL, created REAL NOT NULL,
    PRIMARY KEY (stream, stream_created, name)) STRICT`);
  const OF_STREAM = 'FROM kinesis_consumers WHERE stream = ? AND stream_created = ?';
  const find = db.prepare(`SELECT name, created ${OF_STREAM} AND name = ?`);
  const list = db.prepare(`SELECT name, created ${OF_STREAM} AND name > ? ORDER BY name LIMIT ?`);
  const count = db.prepare(`SELECT count(*) AS number ${OF_STREAM}`);
  const add = db.prepare('INSERT INTO kinesis_consumers VALUES (?, ?, ?, ?)');
  const remove = db.prepare(`DELETE ${OF_STREAM} AND name = ?`);
  const forget = db.prepare('DELETE FROM kinesis_consumers WHERE stream = ?');

  const consumer = (stream: StreamLife, row: unknown): StreamConsumer => {
    const { name, created } = row as { name: string; created: number };
    const arn = `${streamArn(stream.name)}/consumer/${name}:${Math.floor(created)}`;
    return { name, arn, createdAt: created };
  };

  return {
    find(stream, name) {
      const row = find.get(stream.name, stream.createdAt, name);
      return row && consumer(stream, row);
    },
    list: (stream, after, limit) =>
      list.all(stream.name, stream.createdAt, after, limit).map((row) => consumer(stream, row)),
    count: (stream) => Number(count.get(stream.name, stream.createdAt)?.number ?? 0),
    add(stream, name, now) {
      const created = now / 1000;
      add.run(stream.name, stream.createdAt, name, created);
      return consumer(stream, { name, created });
    },
    remove: (stream, name) => void remove.run(stream.name, stream.createdAt, name),
    forget: (stream) => void forget.run(stream),
  };
}
