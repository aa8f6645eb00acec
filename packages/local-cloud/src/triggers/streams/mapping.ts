import type { Clock } from '../../clock.ts';
import { endWithin } from '../../grace.ts';
import { MAX_INVOCATION_BYTES } from '../../lambda/invoker.ts';
import type { Log } from '../../lambda/log.ts';
import type {
  FunctionInvoker,
  MappingStatus,
  MessageSink,
  ShardStatus,
  StreamTrigger,
} from '../../ports.ts';
import { createWake } from '../../wake.ts';
import { sourceName } from '../arn.ts';
import { createRecordFilter } from '../filters/event-filter.ts';
import type { RunningTrigger } from '../running-trigger.ts';
import type { CheckpointStore, ShardCheckpoint } from './checkpoint-store.ts';
import { type EventPlace, envelopeBytes } from './invocation-payload.ts';
import type { LaneSettings } from './lane.ts';
import { createOnFailureDestination } from './on-failure.ts';
import type { MappingCounts, ShardStep } from './shard-ledger.ts';
import type { ShardDescription, ShardPosition, ShardSource } from './shard-source.ts';
import { type ShardWorker, startShardWorker, type WorkerEvent } from './shard-worker.ts';

/** How often the source is looked at again: for new shards, and whether it is still the same. */
const DISCOVERY_MS = 10_000;
/** How often a source that is not there yet is looked for. */
const WAITING_MS = 500;

const BACKOFF_MS = { first: 250, last: 30_000 };

export interface StreamMappingOptions {
  readonly id: string;
  readonly trigger: StreamTrigger;
  readonly source: ShardSource;
  readonly checkpoints: CheckpointStore;
  readonly clock: Clock;
  readonly invoker: FunctionInvoker;
  readonly sink: MessageSink;
  readonly log: Log;
  /** The function's service is up. */
  isAvailable(): boolean;
}

/** Runs one event source mapping: finds the shards, parents before children, and reads them. */
export function startStreamMapping(options: StreamMappingOptions): RunningTrigger {
  const { id, trigger, source, checkpoints, clock, log } = options;
  const filter = createRecordFilter(trigger.kind, trigger.filterPatterns);
  const stopping = new AbortController();
  const wake = createWake(clock);
  const workers = new Map<string, ShardWorker>();
  const counts = checkpoints.counts(id);
  let retentionMs = Number.POSITIVE_INFINITY;
  let listed: readonly ShardDescription[] = [];
  let state: 'waiting-for-source' | 'running' = 'waiting-for-source';
  let lastError: string | undefined;
  let streamArn = trigger.sourceArn;
  let identity: string | undefined;
  /** The stream whose shards are in the store. */
  let begun: string | undefined;
  let waited = false;
  let closed = false;

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      const pause = await discover().catch((error: unknown) => {
        note(error);
        return WAITING_MS;
      });
      await wake.wait(clock.now() + pause, stopping.signal);
    }
  }

  async function discover(): Promise<number> {
    const stream = await source.describe();
    if (stopping.signal.aborted) return 0;
    if (!stream) {
      state = 'waiting-for-source';
      waited = true;
      await stopWorkers();
      return WAITING_MS;
    }
    if (identity !== undefined && identity !== stream.identity) await stopWorkers();
    ({ identity, streamArn, retentionMs } = stream);
    const shards = await source.listShards();
    listed = shards;
    if (begun !== identity && checkpoints.identity(id) !== identity) await begin(identity, shards);
    begun = identity;
    addNewShards(shards);
    forgetGoneShards(shards);
    if (!stopping.signal.aborted) startWorkers(shards);
    return DISCOVERY_MS;
  }

  /** First sight of this stream: decides, durably, where each shard begins. */
  async function begin(stream: string, shards: readonly ShardDescription[]): Promise<void> {
    // A mapping that was there before its stream has to miss nothing of it, whatever it starts at.
    const fromStart = waited || checkpoints.identity(id) !== undefined;
    const before = new Map(checkpoints.shards(id).map((shard) => [shard.shardId, shard]));
    const initial: ShardCheckpoint[] = [];
    for (const { shardId, closed: isClosed } of shards) {
      const kept = source.keepsShardsOverIdentities ? before.get(shardId) : undefined;
      if (kept) {
        initial.push(kept);
        continue;
      }
      const skip = !fromStart && trigger.startingPosition === 'LATEST' && isClosed;
      const position = fromStart || skip ? TRIM_HORIZON : await startingPosition(shardId);
      initial.push({ shardId, position, ended: skip });
    }
    checkpoints.begin(id, stream, initial);
  }

  async function startingPosition(shardId: string): Promise<ShardPosition> {
    switch (trigger.startingPosition) {
      case 'TRIM_HORIZON':
        return TRIM_HORIZON;
      case 'LATEST':
        return source.latest(shardId, clock.now());
      case 'AT_TIMESTAMP':
        return { kind: 'at-timestamp', timestamp: trigger.startingPositionTimestamp ?? 0 };
    }
  }

  /** Shards that appear later were split or merged from known ones: nothing of them may be missed. */
  function addNewShards(shards: readonly ShardDescription[]): void {
    for (const { shardId } of shards) {
      // What is read was stored before.
      if (workers.has(shardId) || checkpoints.hasShard(id, shardId)) continue;
      checkpoints.addShard(id, shardId, TRIM_HORIZON);
    }
  }

  /**
   * A stream lists a closed shard for as long as it keeps records of it. What was read to its end and
   * is gone from there is over; its children have started, or ended as well.
   */
  function forgetGoneShards(shards: readonly ShardDescription[]): void {
    // Every stream has a shard: no list at all is that of a stream which has just been deleted.
    if (shards.length === 0) return;
    const there = new Set(shards.map(({ shardId }) => shardId));
    for (const { shardId, ended } of checkpoints.shards(id)) {
      if (ended && !there.has(shardId)) checkpoints.forgetShard(id, shardId);
    }
  }

  function startWorkers(shards: readonly ShardDescription[]): void {
    if (state === 'waiting-for-source') state = 'running';
    if (shards.every(({ shardId }) => workers.has(shardId))) return;
    const stored = new Map(checkpoints.shards(id).map((shard) => [shard.shardId, shard]));
    const listed = new Set(shards.map((shard) => shard.shardId));
    for (const { shardId, parents } of shards) {
      const shard = stored.get(shardId);
      // A parent may be read to its end, and gone from the list, before all of it is done.
      const isThere = (parent: string) => listed.has(parent) || workers.has(parent);
      const isReady = parents.every((parent) => !isThere(parent) || stored.get(parent)?.ended);
      if (!shard || shard.ended || !isReady || workers.has(shardId)) continue;
      startWorker(shardId, shard.position);
    }
  }

  function startWorker(shardId: string, position: ShardPosition): void {
    const { invoker, sink } = options;
    const { functionName, kind, onFailureArn, parallelizationFactor } = trigger;
    const place = { shardId, streamArn };
    const remembered = checkpoints.lanes(id, shardId);
    const worker = startShardWorker({
      ...{ place, functionName, clock, invoker, report },
      reader: source.open(shardId, position),
      readLimit: source.readLimit,
      pollIntervalMs: source.pollIntervalMs,
      idlePollIntervalMs: source.idlePollIntervalMs,
      lanes: parallelizationFactor,
      settings: laneSettings(trigger, place, () => retentionMs),
      // Another factor spreads the keys in another way: the lanes start afresh.
      remembered: remembered.length === parallelizationFactor ? remembered : [],
      filter: (record) => source.accepts(record) && filter(record.event),
      giveUp: createOnFailureDestination({
        ...{ mappingId: id, kind, functionName, place, onFailureArn, clock, sink },
      }),
      commit: (step) => commit(shardId, step),
    });
    workers.set(shardId, worker);
    worker.finished
      .then((how) => {
        if (how === 'ended' && !closed) checkpoints.end(id, shardId);
      })
      .catch(async (error: unknown) => {
        note(error);
        await clock.sleep(WAITING_MS, stopping.signal);
      })
      .finally(() => {
        if (workers.get(shardId) === worker) workers.delete(shardId);
        wake.notify();
      });
  }

  function commit(shardId: string, step: ShardStep): void {
    if (closed) return;
    checkpoints.commit(id, shardId, step);
    for (const [name, by] of Object.entries(step.counts)) counts[name as keyof MappingCounts] += by;
  }

  function report(event: WorkerEvent): void {
    if (event.kind === 'trouble') {
      note(event.error);
      // The source may be gone: look at it again.
      wake.notify();
      return;
    }
    const { condition, records } = event.discard;
    const what =
      records.length > 0
        ? `${records.length} records from ${records[0]?.sequenceNumber}`
        : 'the state of a window';
    const where = trigger.onFailureArn ?? 'nowhere (there is no on-failure destination)';
    log.warn(
      `${trigger.functionName}: ${what} of ${sourceName(trigger.sourceArn)} discarded (${condition}) to ${where}`,
    );
  }

  function note(error: unknown): void {
    const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    // Once is enough while it lasts: pollers try again every second.
    if (message !== lastError) log.warn(`${trigger.functionName}: ${message}`);
    lastError = message;
  }

  async function stopWorkers(): Promise<void> {
    const all = [...workers.values()];
    for (const worker of all) worker.stop();
    await Promise.allSettled(all.map((worker) => worker.finished));
    workers.clear();
  }

  function currentState(): MappingStatus['state'] {
    if (stopping.signal.aborted) return 'stopped';
    return state === 'running' && !options.isAvailable() ? 'waiting-for-function' : state;
  }

  function shardStatus({ shardId, position, ended }: ShardCheckpoint): ShardStatus {
    const parents = listed.find((shard) => shard.shardId === shardId)?.parents ?? [];
    const idle = { iteratorAgeMs: 0, inFlight: 0, pending: 0, attempts: 0 };
    return {
      shardId,
      parents,
      state: ended ? 'ended' : 'waiting-for-parent',
      checkpoint: position.kind === 'after' ? position.sequenceNumber : null,
      ...(workers.get(shardId)?.status() ?? idle),
    };
  }

  const loop = run();
  return {
    status: () => ({
      id,
      kind: trigger.kind,
      functionName: trigger.functionName,
      source: trigger.sourceArn,
      state: currentState(),
      shards: checkpoints.shards(id).map(shardStatus),
      ...counts,
      ...(trigger.onFailureArn !== undefined && { onFailureArn: trigger.onFailureArn }),
      ...(lastError !== undefined && { lastError }),
    }),
    nudge() {
      if (state === 'waiting-for-source') wake.notify();
      for (const worker of workers.values()) worker.nudge();
    },
    resume() {
      for (const worker of workers.values()) worker.resume();
    },
    async stop(graceMs) {
      stopping.abort();
      await endWithin(clock, graceMs, [loop, stopWorkers()]);
      closed = true;
    },
  };
}

const TRIM_HORIZON: ShardPosition = { kind: 'trim-horizon' };

function laneSettings(
  trigger: StreamTrigger,
  place: EventPlace,
  retentionMs: () => number,
): LaneSettings {
  const age = trigger.maximumRecordAgeSeconds;
  return {
    batchSize: trigger.batchSize,
    batchWindowMs: trigger.batchWindowSeconds * 1000,
    maximumRetryAttempts: trigger.maximumRetryAttempts,
    maximumRecordAgeMs: age < 0 ? -1 : age * 1000,
    // The stream's retention may be changed while the shard is read.
    get retentionMs() {
      return retentionMs();
    },
    bisectBatchOnFunctionError: trigger.bisectBatchOnFunctionError,
    reportBatchItemFailures: trigger.reportBatchItemFailures,
    maximumPayloadBytes: MAX_INVOCATION_BYTES,
    envelopeBytes: envelopeBytes(place, trigger.tumblingWindowSeconds > 0),
    tumblingWindowMs: trigger.tumblingWindowSeconds * 1000,
    backoffMs: BACKOFF_MS,
  };
}
