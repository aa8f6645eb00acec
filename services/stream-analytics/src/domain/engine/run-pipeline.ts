import { PermanentError, TransientError } from '@millrace/middleware';
import type { AnalyticsStore } from './analytics-store.ts';
import { Chunk, type Unit } from './chunk.ts';
import { type Effects, effectsOf } from './effects.ts';
import type { Identified, TenantMinute } from './identity.ts';
import { outOfTime, type Pacing, waitForTurn } from './pacing.ts';
import type { AnyPipeline } from './pipeline.ts';
import type { SeenEvents } from './seen-events.ts';
import { slicesOf } from './slices.ts';
import { StoredValues } from './stored-values.ts';
import { transactionOf } from './transaction.ts';

export interface PipelineRun {
  readonly pipeline: AnyPipeline;
  readonly store: AnalyticsStore;
  /** Of this pipeline alone; lives as long as the function's environment. */
  readonly seen: SeenEvents;
  readonly pacing: Pacing;
  /** Whose counters are added to: the shard. */
  readonly writer: string;
}

/** An event that can never be processed. */
export interface Refusal {
  /** Position of the event in the batch. */
  readonly index: number;
  readonly cause: unknown;
}

export interface RunResult {
  /** Events (parts of events, where they are too large for one transaction) that were stored. */
  readonly processed: number;
  /** Met twice in the batch, or stored by an earlier delivery. */
  readonly duplicates: number;
  readonly refusals: readonly Refusal[];
  /** Set where the batch was not finished: everything before this position is done. */
  readonly failure?: { readonly index: number; readonly cause: unknown };
}

interface Task {
  readonly unit: Unit;
  readonly identified: Identified;
  /** Known from the event alone; undefined where it depends on states. */
  readonly effects: Effects | undefined;
}

/**
 * Does what a pipeline says for a batch of events, each event exactly once however often it comes: in
 * this batch, in another, or in two at the same time (docs/decisions/0020-exact-counters.md).
 */
export async function runPipeline(
  batch: readonly (Identified | undefined)[],
  run: PipelineRun,
): Promise<RunResult> {
  const { tasks, refusals, repeated } = tasksOf(batch, run.pipeline);
  const positions = new Map<string, number>();
  const progress = { tasks, refusals, positions, processed: 0, duplicates: repeated };
  try {
    await finish(progress, run);
    return resultOf(progress);
  } catch (cause) {
    const index = Math.min(...progress.tasks.map(({ unit }) => unit.index));
    return { ...resultOf(progress), failure: { index, cause } };
  }
}

interface Progress {
  /** What is open, in the order in which it is done. */
  tasks: Task[];
  /** The last block of each log in which the tasks are known not to be, nor in one before it. */
  readonly positions: Map<string, number>;
  readonly refusals: Refusal[];
  processed: number;
  duplicates: number;
}

const resultOf = ({ processed, duplicates, refusals }: Progress): RunResult => ({
  processed,
  duplicates,
  refusals,
});

/** Chunk after chunk; what was read is read again when somebody else has changed it since. */
async function finish(progress: Progress, run: PipelineRun): Promise<void> {
  let values: StoredValues | undefined;
  let mostUnits = Number.POSITIVE_INFINITY;
  for (let attempt = 1; progress.tasks.length > 0; ) {
    if (!run.pacing.hasTimeLeft()) throw outOfTime();
    if (!values) {
      await dropSeen(progress, run);
      values = await readStates(progress.tasks, run);
    }
    const chunk = nextChunk(progress, values, mostUnits, run);
    if (chunk.units.length === 0) continue;
    const transaction = await transactionOf(chunk, values, progress.positions);
    const outcome = await run.store.commit(transaction);
    switch (outcome.kind) {
      case 'committed':
        values.note(transaction);
        for (const { log, position } of transaction.seen) {
          progress.positions.set(log, position);
          run.seen.note(log, position, chunk.logs.get(log) ?? []);
        }
        progress.tasks.splice(0, chunk.units.length);
        progress.processed += chunk.units.length;
        attempt = 1;
        mostUnits = Number.POSITIVE_INFINITY;
        break;
      case 'outdated':
      case 'contended':
        await waitForTurn(attempt, outcome.cause, run.pacing);
        attempt += 1;
        values = undefined;
        break;
      case 'refused':
        // Halved until the event that is to blame stands alone.
        mostUnits = Math.floor(chunk.units.length / 2);
        if (mostUnits === 0) refuseFirst(progress, outcome.cause);
        break;
    }
  }
}

/** The first tasks that fit into one transaction. Events that the pipeline refuses leave the tasks. */
function nextChunk(
  progress: Progress,
  values: StoredValues,
  mostUnits: number,
  { pipeline, writer }: PipelineRun,
): Chunk {
  const chunk = new Chunk(writer);
  while (chunk.units.length < Math.max(1, mostUnits)) {
    const task = progress.tasks[chunk.units.length];
    if (!task) break;
    try {
      const effects =
        task.effects ??
        effectsOf(pipeline, task.identified, (key) =>
          chunk.states.has(key) ? chunk.states.get(key)?.state : values.stateOf(key),
        );
      if (!chunk.take(task.unit, effects)) break;
    } catch (error) {
      progress.tasks.splice(chunk.units.length, 1);
      progress.refusals.push({ index: task.unit.index, cause: refusalOf(pipeline, error) });
    }
  }
  return chunk;
}

function refuseFirst(progress: Progress, cause: unknown): void {
  const [first] = progress.tasks.splice(0, 1);
  if (first) progress.refusals.push({ index: first.unit.index, cause });
}

async function dropSeen(progress: Progress, { seen }: PipelineRun): Promise<void> {
  const logs = new Set<string>();
  for (const { unit } of progress.tasks) logs.add(unit.log);
  await seen.refresh(logs);
  // From here to the end nothing waits: the positions are those at which was looked.
  for (const log of logs) progress.positions.set(log, seen.positionOf(log));
  let log: string | undefined;
  let digests: ReadonlySet<string> = new Set();
  const open = progress.tasks.filter(({ unit }) => {
    if (unit.log !== log) {
      log = unit.log;
      digests = seen.digestsOf(log);
    }
    return !digests.has(unit.digest);
  });
  progress.duplicates += progress.tasks.length - open.length;
  progress.tasks = open;
}

async function readStates(
  tasks: readonly Task[],
  { pipeline, store }: PipelineRun,
): Promise<StoredValues> {
  if (!pipeline.states) return await StoredValues.read([], store);
  const refs = tasks.flatMap(({ identified }) => pipeline.states?.(identified.incoming) ?? []);
  return await StoredValues.read(refs, store);
}

/** The first of equal events stays: a failure of its chunk makes the later ones come again too. */
function tasksOf(batch: readonly (Identified | undefined)[], pipeline: AnyPipeline) {
  const takes = new Set(pipeline.takes);
  const known = new Map<TenantMinute, Set<string>>();
  const refusals: Refusal[] = [];
  const groups = new Map<string, Task[]>();
  let repeated = 0;
  let current: TenantMinute | undefined;
  let digests = new Set<string>();
  for (const [index, identified] of batch.entries()) {
    if (!identified || !takes.has(identified.incoming.event.type)) continue;
    const { incoming, digest, minute } = identified;
    if (minute !== current) {
      current = minute;
      digests = known.get(minute) ?? new Set();
      known.set(minute, digests);
    }
    if (digests.has(digest)) {
      repeated += 1;
      continue;
    }
    digests.add(digest);
    const unit = { index, tenant: incoming.tenant, digest, log: minute.logOf(pipeline.name) };
    try {
      if (pipeline.states) {
        const [first] = pipeline.states(incoming);
        group(groups, first?.pk ?? '', { unit, identified, effects: undefined });
      } else {
        for (const { unit: part, effects } of slicesOf(
          effectsOf(pipeline, identified, noState),
          unit,
          incoming,
        )) {
          group(groups, effects.counted[0]?.group ?? '', { unit: part, identified, effects });
        }
      }
    } catch (error) {
      refusals.push({ index, cause: refusalOf(pipeline, error) });
    }
  }
  // Events that touch the same items come together, so that an item is written by few transactions;
  // those of one group stay in their order.
  const names = [...groups.keys()].sort();
  return { tasks: names.flatMap((name) => groups.get(name) ?? []), refusals, repeated };
}

function group(groups: Map<string, Task[]>, name: string, task: Task): void {
  const tasks = groups.get(name);
  if (tasks) tasks.push(task);
  else groups.set(name, [task]);
}

const noState = () => undefined;

/**
 * A pipeline is a function of the event and of states: what it throws it would throw again, so the
 * stream must not wait for it.
 */
function refusalOf(pipeline: AnyPipeline, error: unknown): unknown {
  if (error instanceof PermanentError) return error;
  if (error instanceof TransientError)
    return new PermanentError(error.code, error.message, { cause: error });
  return new PermanentError(
    'pipeline_failed',
    `The pipeline ${pipeline.name} cannot process the event; see the cause in the log.`,
    { cause: error },
  );
}
