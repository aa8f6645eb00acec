import type { CloudState } from '../state.ts';

export interface RetainedMessage {
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: 0 | 1;
}

/** The last retained message of each topic, kept over restarts. */
export interface RetainedMessages {
  /** An empty payload clears the topic (MQTT 3.1.1, 3.3.1.3). */
  store(topic: string, payload: Buffer, qos: 0 | 1): void;
  all(): RetainedMessage[];
}

export function createRetainedMessages(state: CloudState): RetainedMessages {
  state.db.exec(`CREATE TABLE IF NOT EXISTS iot_retained (
    topic TEXT PRIMARY KEY, payload BLOB NOT NULL, qos INTEGER NOT NULL) STRICT`);
  const put = state.db.prepare('INSERT OR REPLACE INTO iot_retained VALUES (?, ?, ?)');
  const clear = state.db.prepare('DELETE FROM iot_retained WHERE topic = ?');
  const list = state.db.prepare('SELECT topic, payload, qos FROM iot_retained ORDER BY topic');
  return {
    store(topic, payload, qos) {
      if (payload.length > 0) put.run(topic, payload, qos);
      else clear.run(topic);
    },
    all: () =>
      list.all().map((row) => ({
        topic: String(row.topic),
        payload: Buffer.from(row.payload as Uint8Array),
        qos: row.qos === 1 ? 1 : 0,
      })),
  };
}
