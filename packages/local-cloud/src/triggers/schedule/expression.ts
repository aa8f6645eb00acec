import { Cron } from 'croner';
import { LocalCloudError } from '../../errors.ts';

/** When a rule fires, in UTC. All instants are milliseconds since the epoch. */
export interface Schedule {
  /** The first firing after `instant`; `anchor` is when the rule was made or fired last. */
  next(instant: number, anchor: number): number | undefined;
}

const UNIT_MS: Record<string, number> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/**
 * Reads EventBridge's `rate(value unit)` and `cron(minutes hours day-of-month month day-of-week year)`.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
 *
 * @throws LocalCloudError SCHEDULE_INVALID
 */
export function parseSchedule(expression: string): Schedule {
  const [, kind, inner = ''] = /^\s*(rate|cron)\((.*)\)\s*$/.exec(expression) ?? [];
  if (kind === 'rate') return parseRate(expression, inner);
  if (kind === 'cron') return parseCron(expression, inner);
  throw invalid(expression, 'it is neither rate(…) nor cron(…)');
}

function parseRate(expression: string, inner: string): Schedule {
  const [, value, unit = ''] = /^\s*(\d+)\s+(minute|hour|day)s?\s*$/.exec(inner) ?? [];
  const period = Number(value) * (UNIT_MS[unit] ?? Number.NaN);
  if (!(period > 0)) throw invalid(expression, 'a rate is a number above 0 and a unit');
  return {
    next: (instant, anchor) =>
      anchor + Math.max(1, Math.floor((instant - anchor) / period) + 1) * period,
  };
}

function parseCron(expression: string, inner: string): Schedule {
  const fields = inner.trim().split(/\s+/);
  const [minutes, hours, dayOfMonth, month, dayOfWeek, year] = fields;
  if (fields.length !== 6 || !dayOfMonth || !dayOfWeek) {
    throw invalid(expression, 'cron has six fields');
  }
  if (dayOfMonth !== '?' && dayOfWeek !== '?') {
    throw invalid(expression, 'day-of-month or day-of-week must be ?');
  }
  const days = dayOfMonth.replace('?', '*');
  const pattern = ['0', minutes, hours, days, month, convertDayOfWeek(dayOfWeek), year].join(' ');
  try {
    const cron = new Cron(pattern, { timezone: 'UTC', mode: '7-part', sloppyRanges: true });
    return { next: (instant) => cron.nextRun(new Date(instant))?.getTime() };
  } catch (cause) {
    throw invalid(expression, cause instanceof Error ? cause.message : String(cause));
  }
}

/** AWS counts the days from 1 = SUN; cron (and `6#3`, `5L` in it) from 0. Steps stay as they are. */
function convertDayOfWeek(field: string): string {
  if (field === '?' || field === '*') return '*';
  // "The last day of the week" is Saturday.
  if (field === 'L') return '6';
  return field
    .split(',')
    .map((part) =>
      part.replace(/(^|-)(\d)/g, (_, before: string, day) => before + (Number(day) - 1)),
    )
    .join(',');
}

function invalid(expression: string, why: string): LocalCloudError {
  return new LocalCloudError(
    'SCHEDULE_INVALID',
    `The schedule ${expression} cannot be used: ${why}. Mend it in serverless.yml.`,
  );
}
