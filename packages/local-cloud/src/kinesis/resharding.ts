import type { Clock } from '../clock.ts';
import type { EngineAnswer, KinesisEngine } from '../engines/kinesis.ts';
import type { CloudState } from '../state.ts';
import type { StreamModes } from './stream-modes.ts';
import { describeShards } from './stream-shards.ts';
import { nextStep, type ReshardingStep } from './uniform-scaling.ts';

/** https://docs.aws.amazon.com/kinesis/latest/APIReference/API_UpdateShardCount.html */
const SCALINGS_PER_DAY = 10;
const DAY_MS = 24 * 60 * 60_000;
const MAX_SHARDS = 500;

/** How long a step is waited for before the engine is asked again, in milliseconds. */
const STEP_MS = 10;

export interface Resharding {
  /** UpdateShardCount: answers at once; the stream is UPDATING until its shards are of equal size. */
  updateShardCount(input: Readonly<Record<string, unknown>>): Promise<EngineAnswer>;
  isRunning(stream: string): boolean;
  close(): Promise<void>;
}

/**
 * Scales streams by splits and merges, of which the engine has only single ones. The target is
 * stored before it is acknowledged: a scaling that a kill interrupts goes on at the next start.
 */
export function createResharding(options: {
  readonly state: CloudState;
  readonly engine: KinesisEngine;
  readonly modes: StreamModes;
  readonly clock: Clock;
  readonly streamArn: (stream: string) => string;
  /** Whether AWS's limits of how far and how often a stream is scaled are kept. */
  readonly limits: boolean;
}): Resharding {
  const { engine, clock } = options;
  const targets = createTargets(options.state);
  const stopping = new AbortController();
  const running = new Map<string, Promise<void>>();

  function start(stream: string, target: number): void {
    const work = scale(stream, target).finally(() => running.delete(stream));
    running.set(stream, work);
  }

  async function scale(stream: string, target: number): Promise<void> {
    while (!stopping.signal.aborted) {
      const description = await describeShards(engine.log, stream);
      if (description?.isActive !== false) {
        // Undefined: deleted in the meantime.
        const step = description && nextStep(description.open, target);
        const isDone = !step || !(await carryOut(stream, step));
        if (isDone) {
          targets.done(stream);
          return;
        }
      }
      // The engine would split a shard again that it has just closed: no step before it is at rest.
      await new Promise((resolve) => setTimeout(resolve, STEP_MS));
    }
  }

  /** False when the engine refuses for good. */
  async function carryOut(stream: string, step: ReshardingStep): Promise<boolean> {
    const { status, body } = await engine.call(...callOf(stream, step));
    return status === 200 || body.__type === 'ResourceInUseException';
  }

  for (const { stream, target } of targets.pending()) start(stream, target);

  return {
    isRunning: (stream) => running.has(stream),
    async updateShardCount({ StreamName, TargetShardCount, ScalingType }) {
      const stream = String(StreamName);
      const target = Number(TargetShardCount);
      if (ScalingType !== 'UNIFORM_SCALING' || !Number.isInteger(target) || target < 1) {
        return failure('ValidationException', 'TargetShardCount or ScalingType is not valid.');
      }
      const description = await describeShards(engine.log, stream);
      if (!description) {
        return failure('ResourceNotFoundException', `Stream ${stream} not found.`);
      }
      if (options.modes.of(stream) === 'ON_DEMAND') {
        const reason = `Stream ${stream} is in on-demand mode: its shards are not for you to count.`;
        return failure('ValidationException', reason);
      }
      const { isActive, open } = description;
      if (running.has(stream) || !isActive) {
        return failure('ResourceInUseException', `Stream ${stream} is not ACTIVE, but UPDATING.`);
      }
      const now = clock.now();
      const problem = options.limits
        ? limitProblem(open.length, target, targets.since(stream, now - DAY_MS))
        : undefined;
      if (problem) return problem;
      targets.accept(stream, target, now);
      start(stream, target);
      const body = { StreamName: stream, StreamARN: options.streamArn(stream) };
      const counts = { CurrentShardCount: open.length, TargetShardCount: target };
      return { status: 200, body: { ...body, ...counts } };
    },
    async close() {
      stopping.abort();
      await Promise.allSettled(running.values());
    },
  };
}

function limitProblem(open: number, target: number, today: number): EngineAnswer | undefined {
  const counts = `Current open shard count: ${open} Target shard count: ${target}`;
  if (target > 2 * open) {
    const rule = 'UpdateShardCount cannot scale up over double your current open shard count.';
    return failure('InvalidArgumentException', `${rule} ${counts}`);
  }
  if (target < open / 2) {
    const rule = 'UpdateShardCount cannot scale down below half your current open shard count.';
    return failure('InvalidArgumentException', `${rule} ${counts}`);
  }
  if (target > MAX_SHARDS) {
    return failure('LimitExceededException', `A stream has at most ${MAX_SHARDS} shards.`);
  }
  if (today >= SCALINGS_PER_DAY) {
    const rule = `A stream is scaled at most ${SCALINGS_PER_DAY} times in 24 hours.`;
    return failure('LimitExceededException', rule);
  }
  return undefined;
}

function failure(__type: string, message: string): EngineAnswer {
  return { status: 400, body: { __type, message } };
}

function callOf(StreamName: string, step: ReshardingStep): Parameters<KinesisEngine['call']> {
  if (step.kind === 'split') {
    const NewStartingHashKey = step.at.toString();
    return ['SplitShard', { StreamName, ShardToSplit: step.shardId, NewStartingHashKey }];
  }
  const { shardId: ShardToMerge, adjacentId: AdjacentShardToMerge } = step;
  return ['MergeShards', { StreamName, ShardToMerge, AdjacentShardToMerge }];
}

function createTargets({ db }: CloudState) {
  db.exec(`CREATE TABLE IF NOT EXISTS kinesis_scalings (
    stream TEXT NOT NULL, target INTEGER NOT NULL, at INTEGER NOT NULL, done INTEGER NOT NULL) STRICT`);
  const accept = db.prepare('INSERT INTO kinesis_scalings VALUES (?, ?, ?, 0)');
  const forget = db.prepare('DELETE FROM kinesis_scalings WHERE done = 1 AND at < ?');
  const done = db.prepare('UPDATE kinesis_scalings SET done = 1 WHERE stream = ?');
  const pending = db.prepare('SELECT stream, target FROM kinesis_scalings WHERE done = 0');
  const since = db.prepare(
    'SELECT count(*) AS scalings FROM kinesis_scalings WHERE stream = ? AND at > ?',
  );
  return {
    accept(stream: string, target: number, now: number): void {
      forget.run(now - DAY_MS);
      accept.run(stream, target, now);
    },
    done(stream: string): void {
      done.run(stream);
    },
    pending: () =>
      pending.all().map((row) => ({ stream: String(row.stream), target: Number(row.target) })),
    since: (stream: string, time: number) => Number(since.get(stream, time)?.scalings),
  };
}
