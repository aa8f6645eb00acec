import { randomUUID } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import { endWithin } from '../../grace.ts';
import { LOCAL_ACCOUNT, LOCAL_REGION } from '../../lambda/function-arn.ts';
import type { Log } from '../../lambda/log.ts';
import type { AsyncInvocations, ScheduleTrigger } from '../../ports.ts';
import type { CloudState } from '../../state.ts';
import { createWake } from '../../wake.ts';
import { NO_COUNTS, type RunningTrigger } from '../running-trigger.ts';
import { parseSchedule } from './expression.ts';

/** Wait before a firing that could not be stored is tried again. */
const TROUBLE_MS = 5_000;

/**
 * Fires one schedule. The last firing is durable and stored together with the invocation that it
 * queued, so that a restart neither repeats nor forgets one. Firings that were missed while the
 * local cloud was down come as a single one, the latest: late, but no storm.
 */
export function startSchedule(options: {
  id: string;
  trigger: ScheduleTrigger;
  state: CloudState;
  clock: Clock;
  async: AsyncInvocations;
  log: Log;
  isAvailable(): boolean;
}): RunningTrigger {
  const { id, trigger, state, clock } = options;
  const schedule = parseSchedule(trigger.expression);
  const { db } = state;
  db.exec(`CREATE TABLE IF NOT EXISTS schedule_rules (
    schedule_id TEXT PRIMARY KEY,
    expression TEXT NOT NULL,
    fired_at INTEGER NOT NULL
  )`);
  const stopping = new AbortController();
  const wake = createWake(clock);
  let delivered = 0;
  let lastError: string | undefined;

  /** When it fired last; a new rule, or one with a new expression, counts from now. */
  function anchor(): number {
    const row = db
      .prepare('SELECT fired_at FROM schedule_rules WHERE schedule_id = ? AND expression = ?')
      .get(id, trigger.expression) as { fired_at: number } | undefined;
    if (row) return row.fired_at;
    const now = clock.now();
    store(now);
    return now;
  }

  function store(firedAt: number): void {
    db.prepare('INSERT OR REPLACE INTO schedule_rules VALUES (?, ?, ?)').run(
      id,
      trigger.expression,
      firedAt,
    );
  }

  async function run(): Promise<void> {
    let last = anchor();
    while (!stopping.signal.aborted) {
      const due = latestDue(last);
      if (due !== undefined && fire(due)) {
        last = due;
        continue;
      }
      if (due !== undefined) {
        await clock.sleep(TROUBLE_MS, stopping.signal);
        continue;
      }
      const next = schedule.next(last, last);
      // Setting a timer of more than 24 days would fire it at once.
      const until = next === undefined ? undefined : Math.min(next, clock.now() + 86_400_000);
      await wake.wait(until, stopping.signal);
    }
  }

  /** The latest instant after `last` that has come; everything missed before it is skipped. */
  function latestDue(last: number): number | undefined {
    const now = clock.now();
    // Looks back further and further, so that a month away from a rule of minutes is no long walk.
    for (let lookback = 60_000; ; lookback *= 4) {
      const from = Math.max(last, now - lookback);
      let due: number | undefined;
      let next = schedule.next(from, last);
      while (next !== undefined && next <= now) {
        due = next;
        next = schedule.next(next, last);
      }
      if (due !== undefined || from === last) return due;
    }
  }

  /** false: it could not be queued, and is not regarded as fired. */
  function fire(instant: number): boolean {
    const payload = trigger.input === undefined ? scheduledEvent(trigger, instant) : trigger.input;
    try {
      state.transaction(() => {
        store(instant);
        options.async.enqueue(trigger.functionName, JSON.stringify(payload));
      });
    } catch (error) {
      lastError = String(error);
      options.log.warn(`${trigger.functionName}: the schedule could not fire yet (${lastError})`);
      return false;
    }
    delivered += 1;
    return true;
  }

  const loop = run();
  return {
    status: () => ({
      id,
      kind: 'schedule',
      functionName: trigger.functionName,
      source: trigger.expression,
      state: options.isAvailable() ? 'running' : 'waiting-for-function',
      shards: [],
      ...NO_COUNTS,
      delivered,
      ...(lastError !== undefined && { lastError }),
    }),
    nudge: () => wake.notify(),
    resume: () => undefined,
    async stop(graceMs) {
      stopping.abort();
      await endWithin(clock, graceMs, [loop]);
    },
  };
}

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-run-lambda-schedule.html */
export function scheduledEvent(trigger: ScheduleTrigger, instant: number): unknown {
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account: LOCAL_ACCOUNT,
    time: new Date(instant).toISOString().replace(/\.\d{3}Z$/, 'Z'),
    region: LOCAL_REGION,
    resources: [`arn:aws:events:${LOCAL_REGION}:${LOCAL_ACCOUNT}:rule/${trigger.name}`],
    detail: {},
  };
}
