import { aggregate } from '../../../packages/middleware/tests/support/aggregates.ts';
import { seeded } from '../../../services/stream-analytics/tests/known-answers/seeded.ts';
import type { Expectation } from '../expected/expectation.ts';
import { makePoison } from '../generator/poison.ts';
import { createWorld, type MadeEvent } from '../generator/world.ts';
import type { Outgoing, Producer } from './producer.ts';

export interface SendingOptions {
  readonly seed: number;
  readonly events: number;
  /** Event time of the first, in milliseconds. */
  readonly from: number;
  /** Shares of the events: sent once more, and poison beside them. */
  readonly duplicates: number;
  readonly poison: number;
}

export interface SendingCounts {
  events: number;
  duplicates: number;
  poison: number;
  /** Events that went in records of several. */
  aggregated: number;
}

/** Events that may be sent once more; at most so many are kept. */
const RESERVOIR = 20_000;
/** One in so many events takes the place of another there: repetitions come seconds to minutes later. */
const KEPT_OF = 5;
const AGGREGATED = 0.1;
const EVENTS_PER_AGGREGATE = 20;

/**
 * Sends the events of a world, some of them once more (later, mostly under another partition key and
 * so to another shard), some in records of several as the Kinesis Producer Library makes them, and
 * poison between them.
 */
export function createSending(
  options: SendingOptions,
  { producer, expectation }: { readonly producer: Producer; readonly expectation: Expectation },
) {
  const { seed, events, from, duplicates, poison } = options;
  const world = createWorld(seed, events, from);
  // Apart from the world's, so that other shares change nothing of the events.
  const chance = seeded(seed ^ 0x5eed);
  const sent: Outgoing[] = [];
  const bundle: { partitionKey: string; data: Buffer }[] = [];
  const counts: SendingCounts = { events: 0, duplicates: 0, poison: 0, aggregated: 0 };

  function remember(record: Outgoing): void {
    if (chance.whole(1, KEPT_OF) > 1) return;
    if (sent.length < RESERVOIR) sent.push(record);
    else sent[chance.whole(0, RESERVOIR - 1)] = record;
  }

  async function sendBundle(): Promise<void> {
    if (bundle.length === 0) return;
    const data = aggregate(bundle);
    counts.aggregated += bundle.length;
    bundle.length = 0;
    await producer.send({ key: `bundle-${chance.whole(0, 1_000_000)}`, data, inOrder: false });
  }

  async function sendEvent({ event, key, inOrder }: MadeEvent): Promise<void> {
    const record = { key, data: Buffer.from(JSON.stringify(event)), inOrder };
    remember(record);
    if (inOrder || chance.next() >= AGGREGATED) return producer.send(record);
    bundle.push({ partitionKey: key, data: record.data });
    if (bundle.length === EVENTS_PER_AGGREGATE) await sendBundle();
  }

  async function sendAgain(): Promise<void> {
    if (sent.length === 0) return;
    const record = chance.pick(sent);
    counts.duplicates += 1;
    // What must come in order stays on its shard.
    const elsewhere = !record.inOrder && chance.next() < 0.7;
    await producer.send(elsewhere ? { ...record, key: `again-${chance.next()}` } : record);
  }

  return {
    counts: counts as Readonly<SendingCounts>,
    async next(): Promise<void> {
      const made = world.next();
      expectation.add(made);
      counts.events += 1;
      await sendEvent(made);
      if (chance.next() < duplicates) await sendAgain();
      if (chance.next() < poison) {
        counts.poison += 1;
        const { key, data } = makePoison(chance, counts.poison);
        await producer.send({ key, data: Buffer.from(data), inOrder: false });
      }
    },
    async close(): Promise<void> {
      await sendBundle();
      await producer.flush();
    },
  };
}

export type Sending = ReturnType<typeof createSending>;
