import { setTimeout as sleep } from 'node:timers/promises';
import { type KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis';

/** A record for the stream. */
export interface Outgoing {
  readonly key: string;
  readonly data: Buffer;
  /** Only sent when no earlier one of its key is under way. */
  readonly inOrder: boolean;
}

export interface Producer {
  /** Takes a record; resolves when there is room for the next. */
  send(record: Outgoing): Promise<void>;
  /** Resolves when the stream has taken everything. */
  flush(): Promise<void>;
  /** Records that the stream has said to have. */
  readonly taken: number;
  /** Records that were sent once more: refused one by one, or with an answer that was lost. */
  readonly resent: number;
}

const RECORDS_PER_REQUEST = 250;
const REQUESTS_AT_ONCE = 3;
const PAUSE_MS = 40;

/**
 * Sends as a careful producer does: what PutRecords refuses is sent again, and a request without an
 * answer is repeated, which may put its records twice.
 */
export function createProducer(client: KinesisClient, StreamName: string): Producer {
  const queue: Outgoing[] = [];
  /** Records of a key that wait for the one under way. */
  const waiting = new Map<string, Outgoing[]>();
  const running = new Set<Promise<void>>();
  let accepted = 0;
  let resent = 0;

  function enqueue(record: Outgoing): void {
    if (record.inOrder) {
      const others = waiting.get(record.key);
      if (others) {
        others.push(record);
        return;
      }
      waiting.set(record.key, []);
    }
    queue.push(record);
  }

  function accept({ inOrder, key }: Outgoing): void {
    accepted += 1;
    if (!inOrder) return;
    const next = waiting.get(key)?.shift();
    if (next) queue.push(next);
    else waiting.delete(key);
  }

  async function put(records: readonly Outgoing[]): Promise<readonly Outgoing[]> {
    const Records = records.map(({ key, data }) => ({ PartitionKey: key, Data: data }));
    try {
      const answer = await client.send(new PutRecordsCommand({ StreamName, Records }));
      const refused: Outgoing[] = [];
      for (const [at, record] of records.entries()) {
        if (answer.Records?.[at]?.ErrorCode === undefined) accept(record);
        else refused.push(record);
      }
      return refused;
    } catch {
      return records;
    }
  }

  async function putAll(records: readonly Outgoing[]): Promise<void> {
    for (let open = records; open.length > 0; ) {
      open = await put(open);
      if (open.length === 0) return;
      resent += open.length;
      await sleep(PAUSE_MS);
    }
  }

  function start(): void {
    const records = queue.splice(0, RECORDS_PER_REQUEST);
    const request = putAll(records).finally(() => running.delete(request));
    running.add(request);
  }

  return {
    async send(record) {
      enqueue(record);
      if (queue.length < RECORDS_PER_REQUEST) return;
      start();
      while (running.size >= REQUESTS_AT_ONCE) await Promise.race(running);
    },
    async flush() {
      while (queue.length > 0 || running.size > 0) {
        while (queue.length > 0 && running.size < REQUESTS_AT_ONCE) start();
        await Promise.race(running);
      }
    },
    get taken() {
      return accepted;
    },
    get resent() {
      return resent;
    },
  };
}
