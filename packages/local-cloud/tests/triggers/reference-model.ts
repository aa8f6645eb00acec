/**
 * What an event source mapping does with one shard, told the way AWS's pages tell it: batches are
 * formed one after the other, and one is retried, split or given up before the next one begins.
 * Written without the engine's code, to be compared with it; times are milliseconds, and the shard
 * is read at `tick`s.
 */
export interface ModelRecord {
  readonly n: number;
  readonly arrivedAt: number;
  readonly bytes: number;
  readonly wanted: boolean;
}

export interface ModelSettings {
  readonly batchSize: number;
  readonly batchWindowMs: number;
  readonly maximumRetryAttempts: number;
  readonly maximumRecordAgeMs: number;
  readonly retentionMs: number;
  readonly bisectBatchOnFunctionError: boolean;
  readonly reportBatchItemFailures: boolean;
  readonly maximumPayloadBytes: number;
  readonly envelopeBytes: number;
  readonly tumblingWindowMs: number;
  readonly backoffMs: { readonly first: number; readonly last: number };
}

export type Answer =
  | { readonly kind: 'ok' | 'error' | 'throttled' | 'unavailable' | 'malformed' | 'stateless' }
  | { readonly kind: 'partial'; readonly at: number };

export interface Step {
  readonly at: number;
  readonly what: string;
}

interface Window {
  readonly start: number;
  readonly end: number;
  readonly seen: number[];
}
type Queued = ModelRecord & { readonly queuedAt: number };

export function referenceModel(
  stream: readonly ModelRecord[],
  settings: ModelSettings,
  script: readonly Answer[],
  latencyMs: number,
  tick: (index: number) => number,
): { steps: Step[]; endsAt: number } {
  const steps: Step[] = [];
  const answers = [...script];
  const read: { n: number; done: boolean }[] = [];
  const queue: Queued[] = [];
  let window: Window | undefined;
  let now = 0;
  let ticks = 0;
  let checkpoint = 0;

  const note = (what: string, at = now) => steps.push({ at, what });
  const names = (records: readonly ModelRecord[]) => records.map(({ n }) => n).join(',');
  const backoff = (times: number) =>
    Math.min(settings.backoffMs.first * 2 ** (times - 1), settings.backoffMs.last);

  function moveCheckpoint(at: number): void {
    const before = checkpoint;
    while (read[checkpoint]?.done) checkpoint += 1;
    if (checkpoint > before) note(`checkpoint ${checkpoint}`, at);
  }

  function readUntil(time: number): void {
    for (; tick(ticks) <= time; ticks += 1) {
      const queuedAt = tick(ticks);
      for (const record of stream.slice(read.length)) {
        if (record.arrivedAt > queuedAt) break;
        read.push({ n: record.n, done: !record.wanted });
        if (record.wanted) queue.push({ ...record, queuedAt });
      }
      moveCheckpoint(queuedAt);
    }
  }

  function done(records: readonly ModelRecord[]): void {
    readUntil(now);
    for (const { n } of records) (read[n - 1] as { done: boolean }).done = true;
    moveCheckpoint(now);
  }

  /** Tries the records until nothing of them is left. `failed`: retries that are used up. */
  function work(records: ModelRecord[], failed: number, tries: number, tried: boolean): void {
    let [left, startAt, setbacks] = [records, now, 0];
    while (left.length > 0) {
      const age = settings.maximumRecordAgeMs < 0 ? Infinity : settings.maximumRecordAgeMs;
      const limit = tried ? Math.min(age, settings.retentionMs) : age;
      const young = left.findIndex(({ arrivedAt }) => now - arrivedAt < limit);
      const old = young < 0 ? left : left.slice(0, young);
      const isExhausted =
        settings.maximumRetryAttempts >= 0 && failed > settings.maximumRetryAttempts;
      if (old.length > 0 || isExhausted) {
        const gone = old.length > 0 ? old : left;
        const why = old.length > 0 ? 'RecordAgeExceeded' : 'RetryAttemptsExhausted';
        note(`discard ${why} ${names(gone)} after ${tries}`);
        done(gone);
        left = left.slice(gone.length);
        continue;
      }
      const expiry = (left[0]?.arrivedAt ?? 0) + limit;
      if (now < startAt) {
        now = Math.min(startAt, expiry);
        continue;
      }
      const answer = invoke(left, false);
      tried ||= answer.kind !== 'unavailable';
      if (answer.kind === 'throttled' || answer.kind === 'unavailable') {
        setbacks += 1;
        startAt = now + backoff(setbacks);
        continue;
      }
      tries += 1;
      setbacks = 0;
      const succeeded = left.slice(0, successes(answer, left.length));
      left = left.slice(succeeded.length);
      if (succeeded.length > 0) window?.seen.push(...succeeded.map(({ n }) => n));
      done(succeeded);
      startAt = now;
      if (left.length > 1 && settings.bisectBatchOnFunctionError) {
        if (succeeded.length > 0) continue;
        const middle = Math.ceil(left.length / 2);
        work(left.slice(0, middle), failed, tries, tried);
        work(left.slice(middle), failed, tries, tried);
        return;
      }
      failed += 1;
      startAt = now + backoff(failed);
    }
  }

  function invoke(records: readonly ModelRecord[], final: boolean): Answer {
    const about = window ? ` of ${window.start} with [${window.seen}]${final ? ' final' : ''}` : '';
    note(`invoke [${names(records)}]${about}`);
    now += latencyMs;
    return answers.shift() ?? { kind: 'ok' };
  }

  function successes(answer: Answer, length: number): number {
    if (answer.kind === 'error' || (answer.kind === 'stateless' && window)) return 0;
    if (!settings.reportBatchItemFailures) return length;
    if (answer.kind === 'malformed') return 0;
    return answer.kind === 'partial' ? answer.at % length : length;
  }

  /** The last invocation of a window is repeated until it succeeds or the stream forgets it. */
  function close(end: number): void {
    let [failed, setbacks, startAt, tried] = [0, 0, now, false];
    for (;;) {
      const forgottenAt = tried ? end + settings.retentionMs : Infinity;
      if (now >= forgottenAt) {
        note(`discard RecordAgeExceeded  after ${failed}`);
        return;
      }
      if (now < startAt) {
        now = Math.min(startAt, forgottenAt);
        continue;
      }
      const { kind } = invoke([], true);
      tried ||= kind !== 'unavailable';
      if (kind === 'throttled' || kind === 'unavailable') {
        setbacks += 1;
        startAt = now + backoff(setbacks);
      } else if (kind === 'error' || kind === 'stateless') {
        [failed, setbacks] = [failed + 1, 0];
        startAt = now + backoff(failed);
      } else return;
    }
  }

  function windowOf({ arrivedAt }: ModelRecord): Window | undefined {
    const length = settings.tumblingWindowMs;
    const start = Math.floor(arrivedAt / length) * length;
    return length === 0 ? undefined : { start, end: start + length, seen: [] };
  }

  /** How many records at the head of the queue fit into one batch. */
  function fitting({ seen, end }: { seen: readonly number[]; end: number }): number {
    const state = settings.tumblingWindowMs > 0 ? JSON.stringify(stateOf(seen)).length : 0;
    let room = settings.maximumPayloadBytes - settings.envelopeBytes - state + 1;
    const fits = queue.findIndex(({ bytes, arrivedAt }, index) => {
      room -= bytes + 1;
      return index > 0 && (room < 0 || arrivedAt >= end || index === settings.batchSize);
    });
    return fits < 0 ? queue.length : fits;
  }

  for (;;) {
    readUntil(now);
    const [first] = queue;
    const isOver = first
      ? first.arrivedAt >= (window?.end ?? Infinity)
      : tick(ticks - 1) >= (window?.end ?? Infinity);
    if (window && isOver) {
      close(window.end);
      window = undefined;
    } else if (!first) {
      if (!window && read.length === stream.length)
        return { steps: steps.toSorted((a, b) => a.at - b.at), endsAt: now };
      now = tick(ticks);
    } else {
      const next = window ?? windowOf(first);
      const bounds = next ?? { seen: [], end: Infinity };
      const length = fitting(bounds);
      const isFull = queue.length >= settings.batchSize || length < queue.length;
      const due = isFull ? now : Math.min(first.queuedAt + settings.batchWindowMs, bounds.end);
      if (due > now) now = Math.min(due, tick(ticks));
      else {
        window = next;
        work(queue.splice(0, length), 0, 0, false);
      }
    }
  }
}

/** What the function keeps of a window. */
export const stateOf = (seen: readonly number[]) => (seen.length === 0 ? {} : { seen });
