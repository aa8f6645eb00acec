import type { Clock } from '../clock.ts';
import type { EngineAnswer, KinesisEngine } from '../engines/kinesis.ts';
import { createWake, type Wake } from '../wake.ts';
import { type ConsumerOperations, isAnswer } from './consumer-operations.ts';
import { refusal } from './refusal.ts';
import { readShard, type SubscribeToShardEvent, SubscriptionError } from './subscription.ts';
import { iteratorAtTimestamp } from './timestamp-iterator.ts';

type Input = Readonly<Record<string, unknown>>;

/** For so long after a subscription the consumer may not make another to the same shard. */
const EXCLUSIVE_MS = 5_000;

export interface Subscription {
  /** Throws SubscriptionError where AWS would end the stream with an error. */
  readonly events: AsyncIterable<SubscribeToShardEvent>;
  /** The reader is gone. */
  stop(): void;
}

/** Who reads which shard by enhanced fan-out now. */
export interface Subscriptions {
  subscribe(input: Input): Promise<Subscription | EngineAnswer>;
  /** There may be something new in the stream. */
  nudge(stream: string): void;
  /** Ends those of a consumer that was deregistered. */
  deregistered(consumerArn: string): void;
  /** Ends all and resolves when none reads any more. */
  close(): Promise<void>;
}

interface Place {
  readonly consumerArn: string;
  readonly stream: string;
  readonly startedAt: number;
  readonly wake: Wake;
  readonly over: AbortController;
  isRead: boolean;
}

/**
 * A consumer has one subscription per shard. Another within five seconds is refused; a later one takes
 * the place of the first, which is told so.
 * https://docs.aws.amazon.com/kinesis/latest/APIReference/API_SubscribeToShard.html
 */
export function createSubscriptions(options: {
  readonly engine: KinesisEngine;
  readonly clock: Clock;
  readonly limited: boolean;
  readonly find: ConsumerOperations['find'];
}): Subscriptions {
  const { engine, clock, find, limited } = options;
  const places = new Map<string, Place>();
  const reading = new Set<Promise<void>>();
  let isClosed = false;

  function dropOld(): void {
    for (const [key, { isRead, startedAt }] of places) {
      if (!isRead && clock.now() - startedAt >= EXCLUSIVE_MS) places.delete(key);
    }
  }

  /** Synchronous: of two that come together one is refused. */
  function claim(consumerArn: string, stream: string, shardId: string): Place | undefined {
    dropOld();
    const key = `${consumerArn}/${shardId}`;
    const before = places.get(key);
    if (before && clock.now() - before.startedAt < EXCLUSIVE_MS) return undefined;
    const reason = `Another subscription of ${consumerArn} to ${shardId} took the place of this one.`;
    before?.over.abort(new SubscriptionError('ResourceInUseException', reason));
    const over = new AbortController();
    const wake = createWake(clock);
    const place = { consumerArn, stream, startedAt: clock.now(), wake, over, isRead: true };
    places.set(key, place);
    return place;
  }

  async function* read(place: Place, shardId: string, iterator: string) {
    const { promise, resolve } = Promise.withResolvers<void>();
    reading.add(promise);
    const { signal } = place.over;
    const { wake, stream } = place;
    try {
      yield* readShard({ engine, clock, wake, signal, stream, shardId, iterator, limited });
      if (signal.reason instanceof SubscriptionError) throw signal.reason;
    } finally {
      place.isRead = false;
      resolve();
      reading.delete(promise);
    }
  }

  function end(place: Place): void {
    place.isRead = false;
    place.over.abort();
  }

  return {
    async subscribe(input) {
      const found = await find({ ConsumerARN: String(input.ConsumerARN) });
      if (isAnswer(found)) return found;
      const { stream, consumer } = found;
      const from = await iteratorFrom(engine, stream.name, input);
      const iterator = from.body.ShardIterator;
      if (from.status !== 200 || typeof iterator !== 'string') return from;
      const shardId = String(input.ShardId);
      const place = isClosed ? undefined : claim(consumer.arn, stream.name, shardId);
      if (!place) {
        const reason = `Another active subscription exists for ${consumer.arn} and ${shardId}.`;
        return refusal('ResourceInUseException', reason);
      }
      return { events: read(place, shardId, iterator), stop: () => end(place) };
    },
    nudge(stream) {
      for (const place of places.values()) if (place.stream === stream) place.wake.notify();
    },
    deregistered(consumerArn) {
      const reason = `Consumer ${consumerArn} was deregistered.`;
      for (const place of places.values()) {
        if (place.consumerArn !== consumerArn) continue;
        place.over.abort(new SubscriptionError('ResourceNotFoundException', reason));
      }
    },
    async close() {
      isClosed = true;
      for (const place of places.values()) end(place);
      await Promise.all(reading);
    },
  };
}

async function iteratorFrom(
  engine: KinesisEngine,
  StreamName: string,
  { ShardId, StartingPosition }: Input,
): Promise<EngineAnswer> {
  const { Type, SequenceNumber, Timestamp } = (StartingPosition ?? {}) as Input;
  const input = {
    ...{ StreamName, ShardId, ShardIteratorType: Type },
    ...(SequenceNumber !== undefined && { StartingSequenceNumber: SequenceNumber }),
    ...(Type === 'AT_TIMESTAMP' && { Timestamp }),
  };
  const first = await iteratorAtTimestamp(engine, input);
  return first ?? engine.call('GetShardIterator', input);
}
