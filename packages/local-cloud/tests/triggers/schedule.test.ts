import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ScheduleTrigger } from '../../src/ports.ts';
import { type CloudState, openState } from '../../src/state.ts';
import { parseSchedule } from '../../src/triggers/schedule/expression.ts';
import { startSchedule } from '../../src/triggers/schedule/scheduler.ts';
import { sample, shape } from './shape.ts';
import { createVirtualClock, type VirtualClock } from './virtual-clock.ts';

/** A Monday. */
const NOW = Date.UTC(2026, 0, 5, 12);

describe('schedule expressions', () => {
  const following = (expression: string) => {
    const next = parseSchedule(expression).next(NOW, NOW);
    return next === undefined ? undefined : new Date(next).toISOString();
  };

  it.each([
    ['rate(5 minutes)', '2026-01-05T12:05:00.000Z'],
    ['rate(1 hour)', '2026-01-05T13:00:00.000Z'],
    ['rate(2 days)', '2026-01-07T12:00:00.000Z'],
    ['cron(15 10 * * ? *)', '2026-01-06T10:15:00.000Z'],
    ['cron(0/10 * * * ? *)', '2026-01-05T12:10:00.000Z'],
    ['cron(0 18 ? * MON-FRI *)', '2026-01-05T18:00:00.000Z'],
    // 1 is Sunday, 7 Saturday.
    ['cron(0 8 ? * 1 *)', '2026-01-11T08:00:00.000Z'],
    ['cron(0 8 ? * 7 *)', '2026-01-10T08:00:00.000Z'],
    ['cron(0 8 ? * 3-4 *)', '2026-01-06T08:00:00.000Z'],
    ['cron(0 8 L * ? *)', '2026-01-31T08:00:00.000Z'],
    // The 1st of February 2026 is a Sunday.
    ['cron(0 8 1W * ? *)', '2026-02-02T08:00:00.000Z'],
    ['cron(0 8 ? * 6#3 *)', '2026-01-16T08:00:00.000Z'],
    ['cron(0 8 ? * 6L *)', '2026-01-30T08:00:00.000Z'],
    ['cron(0 0 1 1 ? 2028)', '2028-01-01T00:00:00.000Z'],
    ['cron(0 0 1 1 ? 2020)', undefined],
  ])('%s', (expression, expected) => {
    expect(following(expression)).toBe(expected);
  });

  it.each([
    'rate(0 minutes)',
    'rate(5 fortnights)',
    'cron(0 8 * * * *)',
    'cron(0 8 * * ?)',
    'cron(99 8 * * ? *)',
    'every day',
  ])('refuses %s', (expression) => {
    expect(() => parseSchedule(expression)).toThrow(
      expect.objectContaining({ code: 'SCHEDULE_INVALID' }),
    );
  });
});

describe('a schedule', () => {
  let dir: string;
  let state: CloudState;
  let clock: VirtualClock;
  let fired: { payload: string; at: number }[];

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'millrace-schedule-'));
    state = openState(dir);
    clock = createVirtualClock(NOW);
    fired = [];
  });
  afterEach(() => {
    state.close();
    rmSync(dir, { recursive: true });
  });

  function start(change: Partial<ScheduleTrigger> = {}, enqueue = record) {
    const trigger: ScheduleTrigger = {
      kind: 'schedule',
      functionName: 'tick',
      name: 'my-scheduled-rule',
      expression: 'rate(10 minutes)',
      enabled: true,
      ...change,
    };
    const async = { enqueue };
    const log = { info: () => undefined, warn: () => undefined };
    const isAvailable = () => true;
    return startSchedule({ id: 'tick', trigger, state, clock, async, log, isAvailable });
  }

  function record(_functionName: string, payload: string) {
    fired.push({ payload, at: clock.now() });
    return { requestId: 'r' };
  }

  const minutes = () => fired.map(({ at }) => (at - NOW) / 60_000);

  it('fires at every instant with the event of EventBridge', async () => {
    const schedule = start();
    await clock.advance(25 * 60_000);
    expect(minutes()).toEqual([10, 20]);
    const event = JSON.parse(fired[0]?.payload ?? '') as Record<string, unknown>;
    expect(shape(event)).toEqual(shape(sample('scheduled')));
    expect(event.time).toBe('2026-01-05T12:10:00Z');
    await schedule.stop(0);
  });

  it('sends its input instead where there is one', async () => {
    const schedule = start({ input: { job: 'sweep' } });
    await clock.advance(10 * 60_000);
    expect(fired[0]?.payload).toBe('{"job":"sweep"}');
    await schedule.stop(0);
  });

  it('neither repeats nor forgets a firing over a restart', async () => {
    const first = start();
    await clock.advance(12 * 60_000);
    await first.stop(0);
    const second = start();
    await clock.advance(10 * 60_000);
    expect(minutes()).toEqual([10, 20]);
    await second.stop(0);
  });

  it('fires once for all that was missed while the cloud was down', async () => {
    const expression = 'cron(0/1 * * * ? *)';
    const first = start({ expression });
    await clock.advance(60_000);
    await first.stop(0);
    await clock.advance(40 * 86_400_000);
    const second = start({ expression });
    await clock.advance(0);
    expect(fired).toHaveLength(2);
    expect(JSON.parse(fired[1]?.payload ?? '')).toMatchObject({ time: '2026-02-14T12:01:00Z' });
    await clock.advance(60_000);
    expect(fired).toHaveLength(3);
    await second.stop(0);
  });

  it('tries again when the invocation could not be queued', async () => {
    let refusals = 2;
    const schedule = start({}, (name, payload) => {
      refusals -= 1;
      if (refusals >= 0) throw new Error('disk full');
      return record(name, payload);
    });
    await clock.advance(10 * 60_000);
    expect(schedule.status().lastError).toContain('disk full');
    await clock.advance(10_000);
    expect(fired).toHaveLength(1);
    expect(JSON.parse(fired[0]?.payload ?? '')).toMatchObject({ time: '2026-01-05T12:10:00Z' });
    await schedule.stop(0);
  });
});
