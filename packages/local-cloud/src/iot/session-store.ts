import { Readable } from 'node:stream';
import type { PublishPacket, Subscription } from 'aedes';
import type { CloudState } from '../state.ts';

/** A packet on its way to one client; `brokerId` and `brokerCounter` name it, until it has an id there. */
export type QueuedPacket = PublishPacket & {
  readonly brokerId: string;
  readonly brokerCounter: number;
  messageId?: number;
};

export interface StoredSession {
  readonly clientId: string;
  readonly subscriptions: readonly Subscription[];
}

/** Persistent MQTT sessions in the state folder: what they subscribed to, and what waits for them. */
export interface SessionStore {
  sessions(): readonly StoredSession[];
  /** Adds subscriptions; the session begins with the first. */
  subscribe(clientId: string, subscriptions: readonly Subscription[]): void;
  unsubscribe(clientId: string, topics: readonly string[]): void;
  has(clientId: string): boolean;
  /** Since when (milliseconds since the epoch) the client is away; `undefined` when it is back. */
  setEnded(clientId: string, ended: number | undefined): void;
  /** Takes every client for gone since `now` whose leaving nobody noted. */
  endAll(now: number): void;
  endedBefore(time: number): readonly string[];
  /** Forgets the session and what waits in it. */
  remove(clientId: string): void;
  /** Queues the packet for each client. */
  enqueue(clientIds: readonly string[], packet: QueuedPacket): void;
  /** Gives a queued packet its id in the connection. False when it is not queued. */
  identify(clientId: string, packet: QueuedPacket): boolean;
  /** The client has acknowledged: takes the packet from the queue. */
  acknowledge(clientId: string, messageId: number): QueuedPacket | undefined;
  /** What waits now, oldest first, read page by page. Ids of a former connection are forgotten. */
  queued(clientId: string): Readable;
}

const TABLES = `
  CREATE TABLE IF NOT EXISTS iot_persistent_sessions (
    client_id TEXT PRIMARY KEY, ended INTEGER) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS iot_subscriptions (
    client_id TEXT NOT NULL, topic TEXT NOT NULL, qos INTEGER NOT NULL,
    PRIMARY KEY (client_id, topic)) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS iot_queue (
    id INTEGER PRIMARY KEY AUTOINCREMENT, client_id TEXT NOT NULL, broker_id TEXT NOT NULL,
    counter INTEGER NOT NULL, message_id INTEGER, topic TEXT NOT NULL, payload BLOB NOT NULL,
    qos INTEGER NOT NULL, retain INTEGER NOT NULL) STRICT;
  CREATE INDEX IF NOT EXISTS iot_queue_by_client ON iot_queue (client_id, id);
  CREATE INDEX IF NOT EXISTS iot_queue_by_packet ON iot_queue (client_id, broker_id, counter);
  CREATE INDEX IF NOT EXISTS iot_queue_by_message ON iot_queue (client_id, message_id, id);
`;

const PAGE_PACKETS = 100;

export function createSessionStore(state: CloudState): SessionStore {
  const { db } = state;
  db.exec(TABLES);
  const begin = db.prepare(`INSERT INTO iot_persistent_sessions VALUES (?, NULL)
    ON CONFLICT (client_id) DO UPDATE SET ended = NULL`);
  const find = db.prepare('SELECT 1 FROM iot_persistent_sessions WHERE client_id = ?');
  const all = db.prepare('SELECT client_id FROM iot_persistent_sessions ORDER BY client_id');
  const setEnded = db.prepare('UPDATE iot_persistent_sessions SET ended = ? WHERE client_id = ?');
  const endAll = db.prepare('UPDATE iot_persistent_sessions SET ended = ? WHERE ended IS NULL');
  const ended = db.prepare('SELECT client_id FROM iot_persistent_sessions WHERE ended < ?');
  const addTopic = db.prepare('INSERT OR REPLACE INTO iot_subscriptions VALUES (?, ?, ?)');
  const topics = db.prepare('SELECT topic, qos FROM iot_subscriptions WHERE client_id = ?');
  const dropTopic = db.prepare('DELETE FROM iot_subscriptions WHERE client_id = ? AND topic = ?');
  const drops = ['iot_persistent_sessions', 'iot_subscriptions', 'iot_queue'].map((table) =>
    db.prepare(`DELETE FROM ${table} WHERE client_id = ?`),
  );
  const add = db.prepare(`INSERT INTO iot_queue
    (client_id, broker_id, counter, topic, payload, qos, retain) VALUES (?, ?, ?, ?, ?, ?, ?)`);
  const identify = db.prepare(`UPDATE iot_queue SET message_id = ?
    WHERE client_id = ? AND broker_id = ? AND counter = ?`);
  const acknowledge = db.prepare(`DELETE FROM iot_queue WHERE id =
    (SELECT id FROM iot_queue WHERE client_id = ? AND message_id = ? ORDER BY id LIMIT 1)
    RETURNING *`);
  const forgetIds = db.prepare('UPDATE iot_queue SET message_id = NULL WHERE client_id = ?');
  const last = db.prepare('SELECT max(id) AS id FROM iot_queue WHERE client_id = ?');
  const page = db.prepare(`SELECT * FROM iot_queue
    WHERE client_id = ? AND id > ? AND id <= ? ORDER BY id LIMIT ${PAGE_PACKETS}`);

  function* packets(clientId: string, upTo: number): Generator<QueuedPacket> {
    let after = 0;
    for (;;) {
      const rows = page.all(clientId, after, upTo);
      yield* rows.map(toPacket);
      if (rows.length < PAGE_PACKETS) return;
      after = Number(rows.at(-1)?.id);
    }
  }

  return {
    sessions: () =>
      all.all().map((row) => {
        const clientId = String(row.client_id);
        const subscriptions = topics
          .all(clientId)
          .map(({ topic, qos }) => ({ topic: String(topic), qos: qos === 0 ? 0 : 1 }) as const);
        return { clientId, subscriptions };
      }),
    subscribe(clientId, subscriptions) {
      state.transaction(() => {
        begin.run(clientId);
        for (const { topic, qos } of subscriptions) addTopic.run(clientId, topic, Math.min(qos, 1));
      });
    },
    unsubscribe(clientId, names) {
      state.transaction(() => {
        for (const name of names) dropTopic.run(clientId, name);
      });
    },
    has: (clientId) => find.get(clientId) !== undefined,
    setEnded(clientId, at) {
      setEnded.run(at ?? null, clientId);
    },
    endAll(now) {
      endAll.run(now);
    },
    endedBefore: (time) => ended.all(time).map(({ client_id }) => String(client_id)),
    remove(clientId) {
      state.transaction(() => {
        for (const drop of drops) drop.run(clientId);
      });
    },
    enqueue(clientIds, { brokerId, brokerCounter, topic, payload, qos, retain }) {
      const bytes = Buffer.from(payload);
      state.transaction(() => {
        for (const clientId of clientIds) {
          add.run(clientId, brokerId, brokerCounter, topic, bytes, qos, retain ? 1 : 0);
        }
      });
    },
    identify(clientId, { messageId, brokerId, brokerCounter }) {
      return identify.run(messageId ?? null, clientId, brokerId, brokerCounter).changes > 0;
    },
    acknowledge(clientId, messageId) {
      const row = acknowledge.get(clientId, messageId);
      return row && toPacket(row);
    },
    queued(clientId) {
      forgetIds.run(clientId);
      return Readable.from(packets(clientId, Number(last.get(clientId)?.id ?? 0)));
    },
  };
}

function toPacket(row: Record<string, unknown>): QueuedPacket {
  return {
    cmd: 'publish',
    brokerId: String(row.broker_id),
    brokerCounter: Number(row.counter),
    topic: String(row.topic),
    payload: Buffer.from(row.payload as Uint8Array),
    qos: row.qos === 0 ? 0 : 1,
    retain: row.retain === 1,
    dup: false,
    ...(row.message_id !== null && { messageId: Number(row.message_id) }),
  };
}
