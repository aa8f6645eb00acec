import type { Rule } from '../../rule.ts';
import type { Stage } from '../../stage/stage.ts';
import { same } from '../expectations.ts';

const PATTERN =
  'https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html';
const EVENT =
  'https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-run-lambda-schedule.html';
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** Long enough for a firing that must not come. */
const SILENCE_MS = 1_500;

interface ScheduledEvent {
  readonly version: string;
  readonly id: string;
  readonly 'detail-type': string;
  readonly source: string;
  readonly account: string;
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: unknown;
}

/** A function that the schedule fires, and the name of the rule. */
async function openSchedule(stage: Stage, expression: string, input?: unknown) {
  const performer = await stage.function(() => undefined);
  const name = stage.name('schedule');
  await stage.subject.schedule({ name, functionName: performer.name, expression, input });
  return { performer, name };
}

/** Whether the implementation takes the expression. */
const isTaken = (stage: Stage, expression: string) =>
  openSchedule(stage, expression).then(
    () => true,
    () => false,
  );

export const scheduleRules: readonly Rule[] = [
  {
    id: 'schedules/a-rate-fires-once-in-each-period',
    title: 'rate(1 minute) fires after each minute',
    page: PATTERN,
    movesClock: true,
    limitMs: 200_000,
    async run(stage) {
      const { performer } = await openSchedule(stage, 'rate(1 minute)');
      await stage.pass(MINUTE_MS - 5_000);
      await stage.rest(SILENCE_MS);
      same(performer.calls().length <= 1, true, 'one call within the first minute at most');
      await stage.pass(10_000);
      const { length: first } = await performer.called(1);
      await stage.pass(MINUTE_MS);
      const { length: second } = await performer.called(first + 1);
      await stage.rest(SILENCE_MS);
      same([second - first, performer.calls().length], [1, second], 'calls in the second minute');
    },
  },
  {
    id: 'schedules/a-cron-expression-fires-at-its-minute',
    title: 'cron(m h * * ? *) fires at that minute of the day, in UTC',
    page: PATTERN,
    movesClock: true,
    async run(stage) {
      const { performer } = await openSchedule(stage, 'cron(30 4 * * ? *)');
      await stage.pass(DAY_MS);
      const [call] = await performer.called<ScheduledEvent>(1);
      same(call?.event.time.slice(11), '04:30:00Z', 'the time of day');
    },
  },
  {
    id: 'schedules/days-of-the-week-count-from-sunday',
    title: 'In a cron expression 1 is Sunday and 7 is Saturday',
    page: PATTERN,
    movesClock: true,
    async run(stage) {
      const { performer } = await openSchedule(stage, 'cron(0 0 ? * 1 *)');
      await stage.pass(7 * DAY_MS);
      const [call] = await performer.called<ScheduledEvent>(1);
      same(new Date(call?.event.time ?? '').getUTCDay(), 0, 'the day of the week, Sunday is 0');
    },
  },
  {
    id: 'schedules/the-event-is-eventbridges',
    title: 'The function gets a Scheduled Event of aws.events with the ARN of its rule',
    page: EVENT,
    movesClock: true,
    limitMs: 120_000,
    async run(stage) {
      const { performer, name } = await openSchedule(stage, 'rate(1 minute)');
      await stage.pass(MINUTE_MS + 5_000);
      const [call] = await performer.called<ScheduledEvent>(1);
      const { id, time, ...rest } = call?.event ?? ({} as ScheduledEvent);
      same(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id), true, `id ${id} is a UUID`);
      const isInstant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(time);
      same(isInstant, true, `time ${time} is in whole seconds of UTC`);
      const { accountId, region } = stage.subject;
      const expected = {
        ...{ version: '0', 'detail-type': 'Scheduled Event', source: 'aws.events' },
        ...{ account: accountId, region, detail: {} },
        resources: [`arn:aws:events:${region}:${accountId}:rule/${name}`],
      };
      same(rest, expected, 'the event');
    },
  },
  {
    id: 'schedules/an-input-replaces-the-event',
    title: 'A target’s constant input is the event that its function gets',
    page: 'https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_Target.html',
    movesClock: true,
    limitMs: 120_000,
    async run(stage) {
      const { performer } = await openSchedule(stage, 'rate(1 minute)', { table: '주문' });
      await stage.pass(MINUTE_MS + 5_000);
      const [call] = await performer.called(1);
      same(call?.event, { table: '주문' }, 'the event');
    },
  },
  {
    id: 'schedules/expressions-that-are-none-are-refused',
    title: 'A rate of 0, a cron of five fields, and one with both days set are refused',
    page: PATTERN,
    async run(stage) {
      same(await isTaken(stage, 'cron(0 10 * * ? *)'), true, 'taken: a good expression');
      for (const wrong of ['rate(0 minutes)', 'cron(0 10 * * *)', 'cron(0 10 1 * 2 *)']) {
        same(await isTaken(stage, wrong), false, `taken: ${wrong}`);
      }
    },
  },
];
