import type { MetricAlert } from '@millrace/types';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AlertMemory } from '../../../src/pipelines/alerts/alert-memory.ts';
import { type AlertRule, alertRule } from '../../../src/pipelines/alerts/alert-rule.ts';
import { all, MANY_ERRORS, openMetricWatch } from './watching-metrics.ts';

const START = Date.parse('2026-11-23T09:00:00Z');
const timeOf = (minute: number) => new Date(START + minute * 60_000).toISOString();

const UNUSUAL = alertRule({
  id: 'unusual',
  title: { ko: '평소와 다릅니다', en: 'Unusual' },
  severity: 'warning',
  metric: 'log',
  window: '1m',
  measure: 'count',
  empty: 'skip',
  anomaly: { off: 'either', deviations: 2, halfLife: 3, leastDeviation: 1 },
  fireAfter: 1,
  resolveAfter: 2,
});
const RULES: readonly AlertRule[] = [MANY_ERRORS, UNUSUAL];

/** What befalls one write, telling or settling: it is done and then fails, or fails before it is done. */
type Fault = 'none' | 'lost-request' | 'lost-answer';
const faults = fc.array(fc.constantFrom<Fault>('none', 'none', 'lost-request', 'lost-answer'), {
  maxLength: 60,
  size: 'max',
});
/** A run of the schedule, and perhaps the next that begins before it is over: each with its own clock. */
const runs = fc.array(
  fc.record({
    wait: fc.integer({ min: 0, max: 130 }),
    overlapping: fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 2 }),
    /** Questions until the time is out. */
    patience: fc.oneof(fc.integer({ min: 0, max: 30 }), fc.constant(Number.POSITIVE_INFINITY)),
  }),
  { minLength: 1, maxLength: 12, size: 'max' },
);
/** For how many turns of others each call waits, over and over. */
const delays = fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 13 });
/** Errors per minute, by tenant and service; 0: no data. */
const series = fc.array(fc.constantFrom(0, 0, 3, 12), { minLength: 60, maxLength: 120 });
const data = fc.record({ 'a api': series, 'a web': series, 'b api': series });

interface Troubles {
  readonly script: readonly Fault[];
  readonly waits: readonly number[];
}

function suffering(
  memory: AlertMemory,
  tell: (alert: MetricAlert) => Promise<void>,
  { script, waits }: Troubles,
) {
  const left = [...script];
  let calls = 0;
  const others = async () => {
    calls += 1;
    for (let turns = waits[calls % waits.length] ?? 0; turns > 0; turns -= 1)
      await new Promise<void>((resolve) => setImmediate(resolve));
  };
  const slowly =
    <A extends unknown[], R>(act: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      await others();
      const answer = await act(...args);
      await others();
      return answer;
    };
  const suffer = <A extends unknown[], R>(act: (...args: A) => Promise<R>) =>
    slowly(async (...args: A): Promise<R> => {
      const fault = left.shift() ?? 'none';
      if (fault === 'lost-request') throw new Error('the request was lost');
      const answer = await act(...args);
      if (fault === 'lost-answer') throw new Error('killed before the answer');
      return answer;
    });
  return {
    store: {
      readProgress: slowly(memory.readProgress),
      readTenant: slowly(memory.readTenant),
      keepProgress: suffer(memory.keepProgress),
      keepTenant: suffer(memory.keepTenant),
      settle: suffer(memory.settle),
    },
    tell: suffer(tell),
  };
}

/** A row of windows with ten errors or more, told as simply as can be. */
function expectedOf(name: string, values: readonly number[], end: number): string[] {
  const expected: string[] = [];
  let isFiring = false;
  let row = 0;
  let isKnown = false;
  for (let minute = 0; minute <= end; minute += 1) {
    const errors = values[minute] ?? 0;
    isKnown ||= errors > 0;
    if (!isKnown) continue;
    row = errors >= 10 === isFiring ? 0 : row + 1;
    if (row < 2) continue;
    isFiring = !isFiring;
    row = 0;
    expected.push(`${isFiring ? 'firing' : 'resolved'} ${name} ${timeOf(minute).slice(11, 16)}`);
  }
  return expected;
}

const name = ({ type, tenant, group, start }: MetricAlert) =>
  `${type.slice('metric_'.length)} ${tenant} ${group.service ?? ''} ${start.slice(11, 16)}`;
const bare = ({ at: _, ...alert }: MetricAlert) => alert;
const byId = (alerts: readonly MetricAlert[]) =>
  alerts.map(bare).sort((a, b) => (a.id < b.id ? -1 : 1));

test('whatever is killed, lost, late or done twice: the same alerts, each under one id', async () => {
  await fc.assert(
    fc.asyncProperty(data, runs, faults, delays, async (drawn, planned, script, waits) => {
      const open = async () => {
        const watch = openMetricWatch(RULES);
        await watch.watchAt(timeOf(0));
        for (const [key, values] of Object.entries(drawn)) {
          const [tenant, service] = key.split(' ');
          for (const [minute, errors] of values.entries()) {
            if (errors > 0) await watch.errors(timeOf(minute), errors, service, tenant);
          }
        }
        return watch;
      };
      const calm = await open();
      const troubled = await open();
      const { store, tell } = suffering(troubled.memory, troubled.ports.tell, { script, waits });
      let minute = 0;
      for (const { wait, overlapping, patience } of planned) {
        minute += wait;
        const once = (later: number) => {
          let left = patience;
          const hasTimeLeft = () => left-- > 0;
          const now = () => START + (minute + later) * 60_000;
          const more = { tell, hasTimeLeft, now };
          return troubled.watchAt(timeOf(minute), store, more).catch(() => {});
        };
        await Promise.all([0, ...overlapping].map(once));
      }
      const end = 200;
      for (let more = 0; more < 3; more += 1) {
        await troubled.watchAt(timeOf(end + 3)).catch(() => {});
      }
      await calm.watchAt(timeOf(end + 3));

      const distinct = new Map(troubled.told.map((alert) => [alert.id, alert]));
      for (const alert of troubled.told) expect(distinct.get(alert.id)).toEqual(alert);
      expect(byId([...distinct.values()])).toEqual(byId(calm.told));
      const thresholds = [...distinct.values()].filter(({ rule }) => rule === MANY_ERRORS.id);
      const expected = Object.entries(drawn).flatMap(([key, values]) =>
        expectedOf(key, values, end),
      );
      expect(thresholds.map(name).sort()).toEqual(expected.sort());
      expect(await all(troubled.memory.waiting())).toEqual([]);
    }),
    { numRuns: 40 },
  );
}, 180_000);
