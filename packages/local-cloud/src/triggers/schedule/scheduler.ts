import { randomUUID } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import { endWithin } from '../../grace.ts';
import { LOCAL_ACCOUNT, LOCAL_REGION } from '../../lambda/function-arn.ts';
import type { AsyncInvocations, ScheduleTrigger } from '../../ports.ts';
import type { CloudState } from '../../state.ts';
import { createWake } from '../../wake.ts';
import type { RunningTrigger } from '../running-trigger.ts';
import { parseSchedule } from './expression.ts';

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
      if (due !== undefined) {
        fire(due);
        last = due;
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

  function fire(instant: number): void {
    const payload = trigger.input === undefined ? scheduledEvent(trigger, instant) : trigger.input;
    state.transaction(() => {
      store(instant);
      options.async.enqueue(trigger.functionName, JSON.stringify(payload));
    });
    delivered += 1;
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
      delivered,
      retried: 0,
      discarded: 0,
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
