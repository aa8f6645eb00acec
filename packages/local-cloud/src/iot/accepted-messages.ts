import type { CloudState } from '../state.ts';

export interface AcceptedMessage {
  readonly topic: string;
  readonly payload: Buffer;
  readonly retain: boolean;
}

/**
 * QoS 1 messages between their acknowledgement and the queues of those who are offline. aedes sends
 * PUBACK first and queues after; what is noted here before the PUBACK is queued by the next start if
 * a kill comes between. A message is known by its payload's buffer, the only thing of it that aedes
 * hands on unchanged.
 */
export interface AcceptedMessages {
  note(message: AcceptedMessage): void;
  /** The message is queued wherever it has to be. */
  done(payload: Buffer): void;
  /** What an earlier cloud acknowledged and did not queue, oldest first. */
  left(): readonly AcceptedMessage[];
}

export function createAcceptedMessages({ db }: CloudState): AcceptedMessages {
  db.exec(`CREATE TABLE IF NOT EXISTS iot_accepted (
    id INTEGER PRIMARY KEY, topic TEXT NOT NULL, payload BLOB NOT NULL,
    retain INTEGER NOT NULL) STRICT`);
  const insert = db.prepare(
    'INSERT INTO iot_accepted (topic, payload, retain) VALUES (?, ?, ?) RETURNING id',
  );
  const remove = db.prepare('DELETE FROM iot_accepted WHERE id = ?');
  const all = db.prepare('SELECT * FROM iot_accepted ORDER BY id');
  const ids = new WeakMap<Buffer, number>();
  return {
    note({ topic, payload, retain }) {
      ids.set(payload, Number(insert.get(topic, payload, retain ? 1 : 0)?.id));
    },
    done(payload) {
      const id = ids.get(payload);
      if (id !== undefined) remove.run(id);
    },
    left: () =>
      all.all().map((row) => {
        const payload = Buffer.from(row.payload as Uint8Array);
        ids.set(payload, Number(row.id));
        return { topic: String(row.topic), payload, retain: row.retain === 1 };
      }),
  };
}
