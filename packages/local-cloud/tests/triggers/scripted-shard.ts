import type { InvokeResult } from '../../src/ports.ts';
import type { LaneSettings } from '../../src/triggers/streams/lane.ts';
import type { MappingCounts } from '../../src/triggers/streams/shard-ledger.ts';
import { type StreamRecord, streamRecord } from '../../src/triggers/streams/shard-source.ts';
import { startShardWorker } from '../../src/triggers/streams/shard-worker.ts';
import { type Answer, type ModelRecord, type Step, stateOf } from './reference-model.ts';
import { createVirtualClock } from './virtual-clock.ts';

const PLACE = {
  shardId: 'shardId-000000000000',
  streamArn: 'arn:aws:kinesis:us-east-1:000000000000:stream/events',
};

interface ScriptedEvent {
  readonly Records: readonly { readonly n: number }[];
  readonly window?: { readonly start: string };
  readonly state?: { readonly seen?: readonly number[] };
  readonly isFinalInvokeForWindow?: boolean;
}

export function scriptedRecord(n: number, arrivedAt: number, padding: number): StreamRecord {
  return streamRecord({
    sequenceNumber: String(n),
    orderingKey: 'key',
    arrivedAt,
    event: { n, padding: 'x'.repeat(padding) },
  });
}

/** What the function answers by the script; successes go into the state of its window. */
export function performAnswer(
  answer: Answer,
  event: ScriptedEvent,
  reports: boolean,
): InvokeResult {
  const requestId = 'request';
  if (answer.kind === 'throttled' || answer.kind === 'unavailable') return { kind: answer.kind };
  if (answer.kind === 'error') {
    return { kind: 'function-error', payload: null, requestId, timedOut: false };
  }
  const batch = event.Records.map(({ n }) => n);
  const cut =
    answer.kind === 'partial' && reports ? answer.at % Math.max(batch.length, 1) : undefined;
  const state = stateOf([...(event.state?.seen ?? []), ...batch.slice(0, cut)]);
  const failures = {
    partial: batch.length > 0 ? [String(batch[cut ?? 0])] : [],
    malformed: ['not-in-the-batch'],
    ok: [],
    stateless: [],
  }[answer.kind];
  const batchItemFailures = failures.map((itemIdentifier) => ({ itemIdentifier }));
  const payload =
    answer.kind === 'stateless' ? { batchItemFailures } : { batchItemFailures, state };
  return { kind: 'success', payload, requestId };
}

/** Lets the real worker run over the stream in virtual time, and notes its steps. */
export async function runScriptedShard(options: {
  stream: readonly ModelRecord[];
  records: readonly StreamRecord[];
  settings: LaneSettings;
  script: readonly Answer[];
  latencyMs: number;
  tick(index: number): number;
  until: number;
}): Promise<{ steps: Step[]; counts: Record<keyof MappingCounts, number> }> {
  const { stream, records, settings, tick } = options;
  const clock = createVirtualClock(0);
  const answers = [...options.script];
  const steps: Step[] = [];
  const counts = { delivered: 0, retried: 0, splits: 0, throttles: 0, filtered: 0, discarded: 0 };
  const note = (what: string) => steps.push({ at: clock.now(), what });
  let position = 0;

  const worker = startShardWorker({
    place: PLACE,
    functionName: 'consumer',
    reader: {
      async read() {
        const found = records.slice(position).filter(({ arrivedAt }) => arrivedAt <= clock.now());
        position += found.length;
        return { records: found, ended: false };
      },
    },
    readLimit: 10_000,
    pollIntervalMs: 1e9,
    lanes: 1,
    settings,
    remembered: [],
    filter: ({ sequenceNumber }) => stream[Number(sequenceNumber) - 1]?.wanted === true,
    clock,
    invoker: {
      async invoke(_name, payload) {
        const event = JSON.parse(payload) as ScriptedEvent;
        const seen = event.state?.seen ?? [];
        const final = event.isFinalInvokeForWindow ? ' final' : '';
        const start = event.window && Date.parse(event.window.start);
        const about = event.window ? ` of ${start} with [${seen}]${final}` : '';
        note(`invoke [${event.Records.map(({ n }) => n)}]${about}`);
        await clock.sleep(options.latencyMs);
        const answer = answers.shift() ?? { kind: 'ok' as const };
        return performAnswer(answer, event, settings.reportBatchItemFailures);
      },
    },
    async giveUp({ condition, records: gone, invokeCount }) {
      const names = gone.map(({ sequenceNumber }) => sequenceNumber);
      note(`discard ${condition} ${names} after ${invokeCount}`);
    },
    commit(step) {
      if (step.checkpoint !== undefined) note(`checkpoint ${step.checkpoint}`);
      for (const [name, by] of Object.entries(step.counts)) {
        counts[name as keyof MappingCounts] += by;
      }
    },
    report: () => undefined,
  });
  const nudges = async () => {
    for (let index = 1; tick(index) <= options.until; index += 1) {
      await clock.sleep(tick(index) - clock.now());
      worker.nudge();
    }
  };
  const nudged = nudges();
  await clock.advance(options.until);
  await nudged;
  worker.stop();
  await worker.finished;
  return { steps, counts };
}
