import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../../clock.ts';
import { MAX_INVOCATION_BYTES } from '../../lambda/invoker.ts';
import type { FunctionInvoker, InvokeResult } from '../../ports.ts';
import { createWake } from '../../wake.ts';
import { type EventPlace, invocationPayload } from './invocation-payload.ts';
import { createLane, type Lane, type LaneAction, type LaneSettings } from './lane.ts';
import type { LaneMemory } from './lane-memory.ts';
import type { Discard } from './segment.ts';
import { createShardLedger, type MappingCounts, type ShardStep } from './shard-ledger.ts';
import type { ShardReader, StreamRecord } from './shard-source.ts';
import { type OpenWindow, stateBytes, type WindowView } from './tumbling-window.ts';

/** Wait before an engine or a destination that failed is tried again, in milliseconds. */
const TROUBLE_MS = 1_000;

/** So many records may wait in memory at least, however small the batches are. */
const MIN_WAITING_RECORDS = 1_000;
/** What may wait for one lane before reading pauses: the events of two invocations. */
const MAX_WAITING_BYTES = 2 * MAX_INVOCATION_BYTES;

export interface ShardWorkerOptions {
  readonly place: EventPlace;
  readonly functionName: string;
  readonly reader: ShardReader;
  readonly readLimit: number;
  readonly pollIntervalMs: number;
  /** What the interval grows to while nothing is found; by default it stays. */
  readonly idlePollIntervalMs?: number;
  readonly lanes: number;
  readonly settings: LaneSettings;
  /** What the lanes stored last, by lane; empty if nothing, or if there were as many others. */
  readonly remembered: readonly (LaneMemory | undefined)[];
  /** Records that do not pass are done without the function. */
  filter(record: StreamRecord): boolean;
  readonly clock: Clock;
  readonly invoker: FunctionInvoker;
  /** Delivers what is given up to the on-failure destination. Rejects when it cannot. */
  giveUp(discard: Discard, window: WindowView | undefined): Promise<void>;
  /** Stores a step durably, as a whole; a throw ends the worker. */
  commit(step: ShardStep): void;
  report(event: WorkerEvent): void;
}

export type WorkerEvent =
  | { readonly kind: 'discarded'; readonly discard: Discard }
  | { readonly kind: 'trouble'; readonly error: unknown };

export interface ShardWorker {
  /** 'ended': the shard was read to its end and everything in it is done. */
  readonly finished: Promise<'ended' | 'stopped'>;
  nudge(): void;
  resume(): void;
  stop(): void;
  status(): {
    readonly state: 'reading' | 'draining';
    readonly iteratorAgeMs: number;
    readonly inFlight: number;
    readonly pending: number;
    readonly attempts: number;
    readonly window?: { readonly start: number; readonly end: number; readonly stateBytes: number };
  };
}

/** Reads one shard and drives its lanes until the shard ends or the worker is stopped. */
export function startShardWorker(options: ShardWorkerOptions): ShardWorker {
  const { clock, settings, reader, place } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  const readerWake = createWake(clock);
  const lanes = Array.from({ length: options.lanes }, (_, index) => ({
    lane: createLane(settings, options.remembered[index]),
    wake: createWake(clock),
  }));
  const ledger = createShardLedger(
    lanes.map(({ lane }) => lane),
    options.commit,
  );
  const { progress } = ledger;
  let inFlight = 0;
  let ended = false;
  /** Reading pauses until there is room. */
  let isFull = false;

  async function readShard(): Promise<void> {
    let pauseMs = options.pollIntervalMs;
    while (!signal.aborted) {
      const room = roomForRecords();
      if (room === 0) {
        isFull = true;
        await readerWake.wait(undefined, signal);
        isFull = false;
        continue;
      }
      const read = await readOnce(Math.min(room, options.readLimit));
      if (read?.ended) {
        ended = true;
        tellLanes('end');
        return;
      }
      if (read && read.records > 0) {
        pauseMs = options.pollIntervalMs;
        // The batch leaves for its function before another read takes the processor.
        await nextTurn();
        continue;
      }
      await readerWake.wait(clock.now() + (read ? pauseMs : TROUBLE_MS), signal);
      pauseMs = longerPause(pauseMs);
    }
  }

  /** An open window closes by what is read after its end: that is not to be late. */
  function longerPause(pauseMs: number): number {
    if (lanes.some(({ lane }) => lane.window)) return options.pollIntervalMs;
    return Math.min(2 * pauseMs, options.idlePollIntervalMs ?? options.pollIntervalMs);
  }

  async function readOnce(limit: number) {
    const at = clock.now();
    try {
      const { records, ended } = await reader.read(limit);
      if (!signal.aborted) accept(records);
      if (records.length === 0) tellLanes(at);
      return { records: records.length, ended };
    } catch (error) {
      if (!signal.aborted) options.report({ kind: 'trouble', error });
      return undefined;
    }
  }

  function tellLanes(caughtUp: number | 'end'): void {
    for (const { lane, wake } of lanes) {
      lane.caughtUp(caughtUp, clock.now());
      if (caughtUp === 'end' || lane.window) wake.notify();
    }
  }

  /** Twice what the lanes can have in flight: enough to fill batches, little enough to hold. */
  function roomForRecords(): number {
    const records = lanes.reduce((sum, { lane }) => sum + lane.load.records, 0);
    const bytes = lanes.reduce((sum, { lane }) => sum + lane.load.bytes, 0);
    if (bytes >= MAX_WAITING_BYTES * lanes.length) return 0;
    const most = Math.max(2 * settings.batchSize * lanes.length, MIN_WAITING_RECORDS);
    return Math.max(0, most - records);
  }

  function accept(records: readonly StreamRecord[]): void {
    const now = clock.now();
    for (const record of records) {
      progress.add(record.sequenceNumber, record.arrivedAt);
      const entry = lanes[laneIndex(record.orderingKey, lanes.length)];
      if (!options.filter(record)) progress.complete(record.sequenceNumber, 'filtered');
      else if (entry?.lane.isDone(record)) progress.complete(record.sequenceNumber);
      else entry?.lane.offer([record], now);
    }
    const last = records.at(-1);
    if (!last) return;
    for (const { lane, wake } of lanes) {
      lane.readTo(last.sequenceNumber, now);
      wake.notify();
    }
    ledger.saveCheckpoint();
  }

  async function runLane(lane: Lane, wake: ReturnType<typeof createWake>): Promise<void> {
    while (!signal.aborted) {
      const action = lane.next(clock.now());
      if (action.kind === 'wait') {
        if (ended && lane.isIdle) return;
        await wake.wait(action.until, signal);
      } else if (action.kind === 'invoke') {
        await invoke(lane, action);
      } else {
        await discard(lane, action);
      }
    }
  }

  async function invoke(
    lane: Lane,
    { records, window }: Extract<LaneAction, { kind: 'invoke' }>,
  ): Promise<void> {
    inFlight += 1;
    const payload = invocationPayload(records, place, window);
    const result = await options.invoker.invoke(options.functionName, payload);
    inFlight -= 1;
    // An answer that still comes after the stop counts: what succeeded is not delivered again.
    const { done, failed, split } = lane.answered(result, clock.now());
    settle(done, {
      ...{ delivered: done.length, retried: failed },
      ...{ splits: split ? 1 : 0, throttles: isThrottle(result) ? 1 : 0 },
    });
  }

  /** Only when it is known at its destination may the checkpoint move on. */
  async function discard(
    lane: Lane,
    { discard, window }: Extract<LaneAction, { kind: 'discard' }>,
  ): Promise<void> {
    try {
      await options.giveUp(discard, window);
    } catch (error) {
      if (!signal.aborted) options.report({ kind: 'trouble', error });
      await clock.sleep(TROUBLE_MS, signal);
      return;
    }
    const done = lane.discarded();
    settle(done, { discarded: done.length });
    options.report({ kind: 'discarded', discard });
  }

  function settle(done: readonly StreamRecord[], counts: Partial<MappingCounts>): void {
    for (const record of done) progress.complete(record.sequenceNumber);
    ledger.save(counts);
    if (isFull) readerWake.notify();
  }

  const loops = [readShard(), ...lanes.map(({ lane, wake }) => runLane(lane, wake))];
  const finished = Promise.all(loops).then(
    (): 'ended' | 'stopped' => (signal.aborted ? 'stopped' : 'ended'),
    async (error: unknown) => {
      // One loop broke (a step could not be stored): none may go on without it.
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
      ...windowStatus(lanes[0]?.lane.window),
    }),
  };
}

function windowStatus(window: OpenWindow | undefined) {
  if (!window) return {};
  const { start, end } = window;
  return { window: { start, end, stateBytes: stateBytes(window) } };
}

const isThrottle = (result: InvokeResult) => result.kind === 'throttled';

/** Records of one ordering key always take the same lane. */
function laneIndex(orderingKey: string, lanes: number): number {
  if (lanes === 1) return 0;
  return createHash('md5').update(orderingKey).digest().readUInt32BE(0) % lanes;
}
