import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Collector } from './collector.ts';
import { SOURCE_NAMES, type Source, type SourceName } from './sources.ts';
import { stolenTicks } from './stolen-time.ts';

/** How much is put in one round. */
export interface Amounts {
  /** Puts one after the other, per source. */
  readonly single: number;
  /** Puts at once, by source. */
  readonly many: Readonly<Record<SourceName, number>>;
}

/** What one subject showed of one source. */
export interface Measurement {
  /** From just before the put to the handler's first line, in milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** From the first put to the start of the last handler. */
  readonly eventsPerSecond: number;
  /** Single puts that were set aside, see {@link SinglePuts}. */
  readonly disturbed: number;
}

/** Of one source, in the order in which they were put. */
export interface SinglePuts {
  /** Milliseconds. */
  readonly latencies: readonly number[];
  /** Puts that were set aside, because the machine's host took a processor away during them. */
  readonly disturbed: number;
}

export const AMOUNTS: Amounts = {
  single: 150,
  many: { s3: 300, kinesis: 5_000, dynamodb: 1_000, sqs: 1_000, mqtt: 500 },
};

/** `part` of the usual amounts, at least a few. */
export function scaledAmounts(part: number): Amounts {
  const scaled = (amount: number) => Math.max(3, Math.round(amount * part));
  const many = SOURCE_NAMES.map((name) => [name, scaled(AMOUNTS.many[name])] as const);
  return {
    single: scaled(AMOUNTS.single),
    many: Object.fromEntries(many) as Record<SourceName, number>,
  };
}

/** Callers that put at the same time when it is about throughput. */
const WRITERS = 8;
const PATIENCE_MS = 30_000;
/** On a machine that is never left alone, disturbed puts count. */
const MOST_DISTURBED = 5;

/**
 * Milliseconds from put to handler, by source. The sources take turns put by put, so that what else
 * the machine does meets all of them alike. Each put meets a cloud at rest: the pause has no beat
 * that a poller could be in step with, and is longer than what MiniStack waits (50 ms) after it was
 * woken for nothing.
 */
export async function putSingly(
  sources: readonly Source[],
  count: number,
  collector: Collector,
): Promise<readonly SinglePuts[]> {
  const seen = sources.map(() => ({ latencies: [] as number[], disturbed: 0 }));
  for (let index = 0; index < count; index += 1) {
    for (const [subject, source] of sources.entries()) {
      const one = await putUndisturbed(source, collector);
      seen[subject]?.latencies.push(one.latency);
      if (seen[subject]) seen[subject].disturbed += one.disturbed;
    }
  }
  return seen;
}

/** A put during which a virtual machine stood still tells of its host: another takes its place. */
async function putUndisturbed(
  source: Source,
  collector: Collector,
): Promise<{ readonly latency: number; readonly disturbed: number }> {
  for (let disturbed = 0; ; disturbed += 1) {
    await sleep(60 + Math.random() * 50);
    const id = randomUUID();
    const stolen = stolenTicks();
    const putAt = process.hrtime.bigint();
    await source.put(id);
    const latency = milliseconds((await collector.started(id, PATIENCE_MS)) - putAt);
    if (stolenTicks() === stolen || disturbed === MOST_DISTURBED) return { latency, disturbed };
  }
}

/** Events per second, from the first put to the start of the last handler. */
export async function putMany(
  source: Source,
  count: number,
  collector: Collector,
): Promise<number> {
  const ids = Array.from({ length: count }, () => randomUUID());
  const batches: string[][] = [];
  for (let from = 0; from < count; from += source.batch) {
    batches.push(ids.slice(from, from + source.batch));
  }
  const putAt = process.hrtime.bigint();
  const left = batches.values();
  const writers = Array.from({ length: WRITERS }, async () => {
    for (const batch of left) await source.putMany(batch);
  });
  await Promise.all(writers);
  const starts = await Promise.all(ids.map((id) => collector.started(id, PATIENCE_MS)));
  const last = Math.max(...starts.map((start) => milliseconds(start - putAt)));
  return (count / last) * 1_000;
}

const milliseconds = (nanoseconds: bigint) => Number(nanoseconds) / 1e6;
