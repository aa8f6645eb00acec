import { BatchFailure } from '@millrace/middleware';
import { horizonOf, type MillraceEvent } from '@millrace/types';
import { type IncomingEvent, OUT_OF_RANGE } from '../incoming-event.ts';
import type { AnalyticsStore } from './analytics-store.ts';
import { identifyAll } from './identity.ts';
import type { Pacing } from './pacing.ts';
import type { AnyPipeline, Incoming } from './pipeline.ts';
import { type Refusal, type RunResult, runPipeline } from './run-pipeline.ts';
import type { SeenEvents } from './seen-events.ts';

/** A decoded record of a stream. */
export interface EventRecord {
  readonly shardId: string;
  readonly sequenceNumber: string;
  /** ISO 8601. */
  readonly arrivedAt: string;
  /** Milliseconds since the epoch. */
  readonly arrivedAtMs: number;
  readonly value: IncomingEvent;
}

export interface BatchProcessing<R extends EventRecord> {
  readonly pipelines: readonly { readonly pipeline: AnyPipeline; readonly seen: SeenEvents }[];
  readonly store: AnalyticsStore;
  readonly pacing: Pacing;
  /** Puts a record that can never be processed among the dead letters. */
  readonly putAside: (record: R, cause: unknown) => Promise<void>;
}

export interface BatchCounts {
  readonly processed: number;
  readonly duplicates: number;
}

/**
 * Runs the pipelines side by side over the records of one shard, each exactly once by itself: what
 * one of them refuses or has not finished is done in the others all the same.
 *
 * @throws BatchFailure from the first record that some pipeline may not have done.
 */
export async function processBatch<R extends EventRecord>(
  records: readonly R[],
  { pipelines, store, pacing, putAside }: BatchProcessing<R>,
): Promise<BatchCounts> {
  const untimely: Refusal[] = [];
  const isTimely = horizonOf(records.map(({ arrivedAtMs }) => arrivedAtMs));
  const timely = records.map((record, index): Incoming | undefined => {
    if (isTimely(record.value.event.time, record.arrivedAtMs)) return new RecordEvent(record);
    untimely.push({ index, cause: OUT_OF_RANGE });
    return undefined;
  });
  const batch = identifyAll(timely);
  const writer = writerOf(records[0]?.shardId ?? '');
  const results = await Promise.all(
    pipelines.map(({ pipeline, seen }) =>
      runPipeline(batch, { pipeline, seen, store, pacing, writer }),
    ),
  );
  const failures = results.flatMap(({ failure }) => failure ?? []);
  failures.push(...(await putAsideAll(records, [...untimely, ...refusalsOf(results)], putAside)));
  const [first] = failures.sort((a, b) => a.index - b.index);
  if (first) throw new BatchFailure(at(records, first.index).sequenceNumber, first.cause);
  return {
    processed: results.reduce((sum, { processed }) => sum + processed, 0),
    duplicates: results.reduce((sum, { duplicates }) => sum + duplicates, 0),
  };
}

/** Its arrival becomes a text when a pipeline asks for it; most do not. */
class RecordEvent implements Incoming {
  readonly event: MillraceEvent;
  readonly tenant: string;
  readonly #record: EventRecord;

  constructor(record: EventRecord) {
    this.event = record.value.event;
    this.tenant = record.value.tenant;
    this.#record = record;
  }

  get arrivedAt(): string {
    return this.#record.arrivedAt;
  }
}

/** `shardId-000000000012` → `12`. */
function writerOf(shardId: string): string {
  return shardId.replace(/^shardId-0*(?=\d)/, '');
}

/** An event that two pipelines refuse is one dead letter, with the first reason. */
function refusalsOf(results: readonly RunResult[]): Refusal[] {
  const refusals = new Map<number, Refusal>();
  for (const refusal of results.flatMap((result) => result.refusals)) {
    if (!refusals.has(refusal.index)) refusals.set(refusal.index, refusal);
  }
  return [...refusals.values()];
}

async function putAsideAll<R>(
  records: readonly R[],
  refusals: readonly Refusal[],
  putAside: (record: R, cause: unknown) => Promise<void>,
): Promise<Refusal[]> {
  const failures: Refusal[] = [];
  for (const { index, cause } of refusals) {
    try {
      await putAside(at(records, index), cause);
    } catch (failure) {
      failures.push({ index, cause: failure });
    }
  }
  return failures;
}

function at<R>(records: readonly R[], index: number): R {
  const record = records[index];
  if (!record) throw new RangeError(`no record at ${index}`);
  return record;
}
