import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../clock.ts';
import { endWithin } from '../grace.ts';
import { MessageRefusedError } from '../message-refused.ts';
import type { FunctionInvoker, InvokeResult, MessageSink, PacedInvocations } from '../ports.ts';
import type { CloudState } from '../state.ts';
import { createWake } from '../wake.ts';
import { createAbsences } from './absences.ts';
import { type AsyncEntry, createAsyncStore, type Occupied } from './async-store.ts';
import { createBacklog } from './backlog.ts';
import { MAX_CONCURRENCY_PER_FUNCTION } from './concurrency.ts';
import { destinationObjectKey, isBucket } from './destination-object.ts';
import { type AsyncCondition, destinationRecord } from './destination-record.ts';
import { functionNameOfArn } from './function-arn.ts';
import type { FunctionRegistry } from './function-registry.ts';
import type { Log } from './log.ts';

/** AWS's delays before the first and the second retry of a function error. */
export const AWS_RETRY_DELAYS_MS: readonly number[] = [60_000, 120_000];

/** AWS's backoff for throttles and system errors: from one second to five minutes. */
const SETBACK_MS = { first: 1_000, last: 300_000 };

/** How long a stop waits for invocations under way; their results would otherwise be repeated. */
const STOP_GRACE_MS = 2_000;

const DEFAULTS = { maximumRetryAttempts: 2, maximumEventAgeSeconds: 21_600 };

export interface AsyncInvocationsRunner extends PacedInvocations {
  /**
   * `queued`: waiting or in flight; `destinations`: records on their way to a destination;
   * `undelivered`: records that their destination refuses, in this life.
   */
  status(): Readonly<
    Record<'queued' | 'inFlight' | 'destinations' | 'discarded' | 'undelivered', number>
  >;
  /** Stops delivering. What is in flight stays in the queue unless it ends within the grace. */
  stop(): Promise<void>;
}

/**
 * Lambda's asynchronous invocation: a durable queue, retries, destinations.
 * An event leaves the queue only after its function succeeded or its record reached the destination;
 * a crash in between delivers it again.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
 */
export function createAsyncInvocations(options: {
  state: CloudState;
  clock: Clock;
  invoker: FunctionInvoker;
  registry: FunctionRegistry;
  sink: MessageSink;
  log?: Log;
  /** Delay before retry n (the last one repeats), in milliseconds. Default: AWS's 60 s and 120 s. */
  retryDelaysMs?: readonly number[];
  concurrencyPerFunction?: number;
  /** The delay in milliseconds of each copy of an event; default: one copy, at once. */
  arrivalDelays?: (functionName: string, payload: string) => readonly number[];
}): AsyncInvocationsRunner {
  const { state, clock, invoker, registry, sink, log } = options;
  const retryDelaysMs = options.retryDelaysMs ?? AWS_RETRY_DELAYS_MS;
  const concurrency = options.concurrencyPerFunction ?? MAX_CONCURRENCY_PER_FUNCTION;
  const store = createAsyncStore(state);
  const absences = createAbsences(clock);
  const backlog = createBacklog(clock);
  for (const [functionName, entries] of store.untried()) backlog.added(functionName, entries);
  const wake = createWake(clock);
  const stopping = new AbortController();
  const running = new Map<string, number>();
  const inFlight = new Map<string, Promise<void>>();
  let discarded = 0;
  let undelivered = 0;
  let closed = false;

  const unsubscribe = registry.onAvailable((service) => {
    const own = registry.list().filter((definition) => definition.service === service);
    const names = own.map((definition) => definition.name);
    absences.ended(names);
    store.hasten(names, clock.now());
    wake.notify();
  });

  function isBusy(target: string): boolean {
    if (absences.has(target)) return true;
    const reserved = registry.get(target)?.reservedConcurrency || concurrency;
    return (running.get(target) ?? 0) >= Math.min(concurrency, reserved);
  }

  function occupied(): Occupied {
    const targets = [...[...running.keys()].filter(isBusy), ...absences.names()];
    return { requestIds: inFlight.keys(), targets };
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        for (;;) {
          const entry = store.next(clock.now(), occupied());
          if (!entry) break;
          start(entry);
        }
        const next = [store.nextDueAt(occupied()), absences.nextTryAt()];
        await wake.wait(earliest(next), stopping.signal);
        // What ends at once (too old, nobody there) would otherwise keep everybody else from their turn.
        await setImmediate();
      } catch (error) {
        await trouble(error);
      }
    }
  }

  /** Only inside a transaction. @returns the request id of the first copy */
  function add(functionName: string, payload: string): string {
    const now = clock.now();
    const delays = options.arrivalDelays?.(functionName, payload) ?? [0];
    const entries = delays.map((delay) => store.add(functionName, payload, now, now + delay));
    state.afterCommit(() => {
      backlog.added(functionName, entries.length);
      for (const [copy, entry] of entries.entries()) {
        if (delays[copy] === 0) startIfFree(entry);
        else wake.notify();
      }
    });
    return entries[0]?.requestId ?? '';
  }

  /** What has just been queued and can start needs no look into the queue; all else waits there. */
  function startIfFree(entry: AsyncEntry): void {
    if (!stopping.signal.aborted && !isBusy(entry.functionName)) start(entry);
  }

  function start(entry: AsyncEntry): void {
    const target = entry.destinationArn ?? entry.functionName;
    running.set(target, (running.get(target) ?? 0) + 1);
    if (isUntried(entry)) backlog.begun(entry.functionName);
    const delivery = (entry.destinationArn === null ? invoke(entry) : forward(entry))
      .catch((error: unknown) => giveBack(entry, error))
      .finally(() => {
        running.set(target, (running.get(target) ?? 1) - 1);
        inFlight.delete(entry.requestId);
        wake.notify();
      });
    inFlight.set(entry.requestId, delivery);
  }

  /** The outcome could not be stored (a full disk): the entry is delivered again when it can. */
  async function giveBack(entry: AsyncEntry, error: unknown): Promise<void> {
    await trouble(error);
    // Stopped: it is still in the queue, and delivered when the process is back.
    if (stopping.signal.aborted) return;
    try {
      putOff(entry);
    } catch (again) {
      await giveBack(entry, again);
    }
  }

  async function trouble(error: unknown): Promise<void> {
    log?.warn(`The queue of asynchronous invocations cannot be written (${String(error)})`);
    await clock.sleep(SETBACK_MS.first, stopping.signal);
  }

  async function invoke(entry: AsyncEntry): Promise<void> {
    if (tooOld(entry)) {
      settle(entry, 'EventAgeExceeded', undefined);
      return;
    }
    // AWS takes this for a switch that is off: what comes meanwhile goes to the destination at once.
    if (registry.get(entry.functionName)?.reservedConcurrency === 0) {
      settle(entry, 'RetriesExhausted', undefined);
      return;
    }
    const result = await invoker.invoke(entry.functionName, entry.payload);
    // The database is closed, or about to be: the entry stays and is delivered again.
    if (closed) return;
    if (result.kind === 'success') settle(entry, 'Success', result);
    else if (result.kind === 'function-error') retryOrSettle(entry, result);
    else {
      if (result.kind === 'unavailable') absences.noticed(entry.functionName);
      putOff(entry);
    }
  }

  function retryOrSettle(
    entry: AsyncEntry,
    result: Extract<InvokeResult, { kind: 'function-error' }>,
  ): void {
    const failures = entry.failures + 1;
    const { maximumRetryAttempts } = registry.get(entry.functionName)?.async ?? DEFAULTS;
    if (failures > maximumRetryAttempts) {
      settle({ ...entry, failures }, 'RetriesExhausted', result);
      return;
    }
    const delay = retryDelaysMs[Math.min(failures, retryDelaysMs.length) - 1] ?? 0;
    store.postpone(entry.requestId, { failures, setbacks: 0, dueAt: clock.now() + delay });
  }

  function putOff(entry: AsyncEntry): void {
    const delay = Math.min(SETBACK_MS.first * 2 ** entry.setbacks, SETBACK_MS.last);
    const { failures } = entry;
    const setbacks = entry.setbacks + 1;
    store.postpone(entry.requestId, { failures, setbacks, dueAt: clock.now() + delay });
  }

  function tooOld(entry: AsyncEntry): boolean {
    const definition = registry.get(entry.functionName);
    // A function that nobody has declared yet has no age limit either: its service may still come.
    if (!definition) return false;
    return clock.now() - entry.enqueuedAt > definition.async.maximumEventAgeSeconds * 1000;
  }

  /** The function's part is over: the entry goes, or becomes the record for its destination. */
  function settle(
    entry: AsyncEntry,
    condition: AsyncCondition,
    lastResult: Extract<InvokeResult, { payload: unknown }> | undefined,
  ): void {
    const definition = registry.get(entry.functionName);
    const succeeded = condition === 'Success';
    const target = succeeded ? definition?.async.onSuccessArn : definition?.async.onFailureArn;
    if (!succeeded) reportFailure(entry, condition, target);
    if (target === undefined) {
      store.remove(entry.requestId);
      return;
    }
    const record = destinationRecord({
      functionName: entry.functionName,
      requestId: entry.requestId,
      condition,
      invokeCount: entry.failures + (succeeded ? 1 : 0),
      requestPayload: JSON.parse(entry.payload),
      lastResult,
      now: clock.now(),
      targetArn: target,
    });
    store.redirect(entry.requestId, target, record, clock.now());
  }

  function reportFailure(entry: AsyncEntry, condition: string, target: string | undefined): void {
    discarded += 1;
    const outcome = target ? `its record goes to ${target}` : 'it has no on-failure destination';
    log?.warn(`${entry.functionName}: event ${entry.requestId} ${condition}; ${outcome}`);
  }

  async function forward(entry: AsyncEntry): Promise<void> {
    const arn = entry.destinationArn ?? '';
    const target = functionNameOfArn(arn);
    if (target !== undefined) {
      state.transaction(() => {
        add(target, entry.payload);
        store.remove(entry.requestId);
      });
      return;
    }
    try {
      const key = destinationObjectKey(`async/${entry.functionName}`, clock.now());
      await sink.send(arn, entry.payload, isBucket(arn) ? key : undefined);
      if (!closed) store.remove(entry.requestId);
    } catch (error) {
      if (closed) return;
      if (error instanceof MessageRefusedError) {
        giveUpRecord(entry, arn, error);
        return;
      }
      log?.warn(`${entry.functionName}: no delivery to ${arn} yet (${String(error)})`);
      putOff(entry);
    }
  }

  /**
   * The destination would refuse the record every time: it is lost, as on AWS.
   * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
   */
  function giveUpRecord(entry: AsyncEntry, arn: string, reason: MessageRefusedError): void {
    store.remove(entry.requestId);
    undelivered += 1;
    const bytes = Buffer.byteLength(entry.payload);
    log?.warn(
      `${entry.functionName}: the record of event ${entry.requestId} (${bytes} bytes) is lost, ${arn} refuses it (${reason.message})`,
    );
  }

  const loop = run();
  return {
    enqueue(functionName, payload) {
      return { requestId: state.transaction(() => add(functionName, payload)) };
    },
    room: (functionName) => backlog.room(functionName),
    status: () => ({ ...store.depth(), inFlight: inFlight.size, discarded, undelivered }),
    async stop() {
      unsubscribe();
      stopping.abort();
      await loop;
      await endWithin(clock, STOP_GRACE_MS, inFlight.values());
      closed = true;
    },
  };
}

function isUntried({ failures, setbacks, destinationArn }: AsyncEntry): boolean {
  return failures === 0 && setbacks === 0 && destinationArn === null;
}

function earliest(instants: readonly (number | undefined)[]): number | undefined {
  return instants.reduce((first, instant) =>
    first === undefined || (instant !== undefined && instant < first) ? instant : first,
  );
}
