import { createHash, randomUUID } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import type { FunctionInvoker, MessageSink } from '../../ports.ts';
import { createWake } from '../../wake.ts';
import { isAnswer } from '../batch-response.ts';
import { discardRecord } from './discard-record.ts';
import { createLane, type Discard, type Lane, type LaneSettings } from './lane.ts';
import { createShardProgress } from './progress.ts';
import type { ShardReader, StreamRecord } from './shard-source.ts';

/** Wait before an engine or a destination that failed is tried again, in milliseconds. */
const TROUBLE_MS = 1_000;

export interface ShardWorkerOptions {
  readonly shardId: string;
  readonly functionName: string;
  readonly kind: 'kinesis' | 'dynamodb';
  readonly streamArn: string;
  readonly reader: ShardReader;
  readonly readLimit: number;
  readonly pollIntervalMs: number;
  readonly lanes: number;
  readonly settings: LaneSettings;
  /** Records that do not pass are done without the function. */
  filter(record: StreamRecord): boolean;
  readonly onFailureArn: string | undefined;
  readonly clock: Clock;
  readonly invoker: FunctionInvoker;
  readonly sink: MessageSink;
  /** Every record up to here is done: store it. */
  checkpoint(sequenceNumber: string): void;
  report(event: WorkerEvent): void;
}

export type WorkerEvent =
  | {
      readonly kind: 'delivered' | 'retried' | 'splits' | 'throttles' | 'filtered';
      readonly count: number;
    }
  | { readonly kind: 'discarded'; readonly discard: Discard }
  | { readonly kind: 'trouble'; readonly error: unknown };

export interface ShardWorker {
  /** 'ended': the shard was read to its end and everything in it is done. */
  readonly finished: Promise<'ended' | 'stopped'>;
  nudge(): void;
  resume(): void;
  stop(): void;
  status(): {
    state: 'reading' | 'draining';
    iteratorAgeMs: number;
    inFlight: number;
    pending: number;
    attempts: number;
  };
}

/** Reads one shard and drives its lanes until the shard ends or the worker is stopped. */
export function startShardWorker(options: ShardWorkerOptions): ShardWorker {
  const { clock, settings, reader } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  const progress = createShardProgress();
  const readerWake = createWake(clock);
  const lanes = Array.from({ length: options.lanes }, () => ({
    lane: createLane(settings),
    wake: createWake(clock),
  }));
  let stored: string | undefined;
  let inFlight = 0;
  let ended = false;

  async function readShard(): Promise<void> {
    while (!signal.aborted) {
      const room = roomForRecords();
      if (room === 0) {
        await readerWake.wait(undefined, signal);
        continue;
      }
      const read = await readOnce(Math.min(room, options.readLimit));
      if (read?.ended) {
        ended = true;
        for (const { wake } of lanes) wake.notify();
        return;
      }
      if (read && read.records > 0) continue;
      const pause = read ? options.pollIntervalMs : TROUBLE_MS;
      await readerWake.wait(clock.now() + pause, signal);
    }
  }

  async function readOnce(limit: number) {
    try {
      const { records, ended } = await reader.read(limit);
      if (!signal.aborted) accept(records);
      return { records: records.length, ended };
    } catch (error) {
      if (!signal.aborted) options.report({ kind: 'trouble', error });
      return undefined;
    }
  }

  /** Twice what the lanes can have in flight: enough to fill batches, little enough to hold. */
  function roomForRecords(): number {
    const records = lanes.reduce((sum, { lane }) => sum + lane.load.records, 0);
    const bytes = lanes.reduce((sum, { lane }) => sum + lane.load.bytes, 0);
    if (bytes >= 2 * settings.maximumPayloadBytes * lanes.length) return 0;
    return Math.max(0, 2 * settings.batchSize * lanes.length - records);
  }

  function accept(records: readonly StreamRecord[]): void {
    const now = clock.now();
    for (const record of records) {
      progress.add(record.sequenceNumber, record.arrivedAt);
      if (!options.filter(record)) {
        progress.complete(record.sequenceNumber);
        options.report({ kind: 'filtered', count: 1 });
        continue;
      }
      const entry = lanes[laneIndex(record.orderingKey, lanes.length)];
      entry?.lane.offer([record], now);
      entry?.wake.notify();
    }
    storeCheckpoint();
  }

  async function runLane(lane: Lane, wake: ReturnType<typeof createWake>): Promise<void> {
    while (!signal.aborted) {
      const action = lane.next(clock.now());
      if (action.kind === 'wait') {
        if (ended && lane.load.records === 0) return;
        await wake.wait(action.until, signal);
      } else if (action.kind === 'invoke') {
        await invoke(lane, action.records);
      } else if (await giveUp(action.discard)) {
        settle(lane.discarded());
      }
    }
  }

  async function invoke(lane: Lane, records: readonly StreamRecord[]): Promise<void> {
    const payload = `{"Records":[${records.map((record) => record.json).join(',')}]}`;
    inFlight += 1;
    const result = await options.invoker.invoke(options.functionName, payload);
    inFlight -= 1;
    // An answer that still comes after the stop counts: what succeeded is not delivered again.
    const splits = lane.splits;
    const done = lane.answered(result, clock.now());
    const left = isAnswer(result) ? records.length - done.length : 0;
    count('delivered', done.length);
    count('retried', left);
    count('splits', lane.splits - splits);
    count('throttles', result.kind === 'throttled' ? 1 : 0);
    settle(done);
  }

  function count(kind: Extract<WorkerEvent, { count: number }>['kind'], by: number): void {
    if (by > 0) options.report({ kind, count: by });
  }

  /** Sends the metadata of what is given up. Only then may the checkpoint move on. */
  async function giveUp(discard: Discard): Promise<boolean> {
    const { functionName, kind, shardId, streamArn, onFailureArn } = options;
    if (onFailureArn !== undefined) {
      const requestId = randomUUID();
      const details = { kind, functionName, shardId, streamArn, discard, requestId };
      try {
        await options.sink.send(onFailureArn, discardRecord({ ...details, now: clock.now() }));
      } catch (error) {
        if (!signal.aborted) options.report({ kind: 'trouble', error });
        await clock.sleep(TROUBLE_MS, signal);
        return false;
      }
    }
    options.report({ kind: 'discarded', discard });
    return true;
  }

  function settle(done: readonly StreamRecord[]): void {
    for (const record of done) progress.complete(record.sequenceNumber);
    storeCheckpoint();
    readerWake.notify();
  }

  function storeCheckpoint(): void {
    const reached = progress.checkpoint;
    if (reached === undefined || reached === stored) return;
    options.checkpoint(reached);
    stored = reached;
  }

  const loops = [readShard(), ...lanes.map(({ lane, wake }) => runLane(lane, wake))];
  const finished = Promise.all(loops).then(
    (): 'ended' | 'stopped' => (signal.aborted ? 'stopped' : 'ended'),
    async (error: unknown) => {
      // One loop broke (the checkpoint could not be stored): none may go on without it.
      stopping.abort();
      await Promise.allSettled(loops);
      throw error;
    },
  );

  return {
    finished,
    nudge: () => readerWake.notify(),
    resume() {
      for (const { lane, wake } of lanes) {
        lane.resume(clock.now());
        wake.notify();
      }
    },
    stop: () => stopping.abort(),
    status: () => ({
      state: ended ? 'draining' : 'reading',
      iteratorAgeMs: Math.max(0, clock.now() - (progress.oldestPending ?? clock.now())),
      inFlight,
      pending: progress.pending,
      attempts: Math.max(0, ...lanes.map(({ lane }) => lane.load.failures)),
    }),
  };
}

/** Records of one ordering key always take the same lane. */
function laneIndex(orderingKey: string, lanes: number): number {
  if (lanes === 1) return 0;
  return createHash('md5').update(orderingKey).digest().readUInt32BE(0) % lanes;
}
