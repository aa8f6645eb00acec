import { digits } from './fields.ts';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const NUMBER_OF_MONTH = new Map(MONTHS.map((month, index) => [month, index + 1]));

let [lastText, lastTime] = ['', Number.NaN];

/** As `apacheTime`, remembering the last one: a busy server writes many lines a second. */
export function repeatedApacheTime(text: string, at: number): number {
  if (lastText === '' || !text.startsWith(lastText, at)) {
    // A copy: a part of a string keeps the whole of it.
    lastText = Buffer.from(text.slice(at, at + 26)).toString();
    lastTime = apacheTime(lastText, 0);
  }
  return lastTime;
}

/** `10/Oct/2000:13:55:36 -0700`, 26 characters from an index. @returns milliseconds since 1970, NaN where there is none */
function apacheTime(text: string, at: number): number {
  if (
    text[at + 2] !== '/' ||
    text[at + 6] !== '/' ||
    text[at + 11] !== ':' ||
    text[at + 14] !== ':' ||
    text[at + 17] !== ':' ||
    text[at + 20] !== ' '
  ) {
    return Number.NaN;
  }
  return utc(
    digits(text, at + 7, at + 11),
    NUMBER_OF_MONTH.get(text.slice(at + 3, at + 6)) ?? Number.NaN,
    digits(text, at, at + 2),
    ofDay(
      digits(text, at + 12, at + 14),
      digits(text, at + 15, at + 17),
      digits(text, at + 18, at + 20),
    ),
    zoneMinutes(text.slice(at + 21, at + 26)),
  );
}

const ISO =
  /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))? ?(Z|[+-]\d\d:?\d\d)?$/;

/**
 * ISO 8601 to the second or finer; finer than milliseconds is cut. Without a zone it is UTC.
 *
 * @returns milliseconds since 1970, NaN where the text is no such time
 */
export function isoTime(text: string): number {
  const match = ISO.exec(text);
  if (!match) return Number.NaN;
  const [, year, month, day, hour, minute, second, fraction = '', zone = 'Z'] = match;
  const milliseconds = Number(fraction.padEnd(3, '0').slice(0, 3));
  return utc(
    Number(year),
    Number(month),
    Number(day),
    ofDay(Number(hour), Number(minute), Number(second)) + milliseconds,
    zone === 'Z' ? 0 : zoneMinutes(zone.replace(':', '')),
  );
}

/**
 * Seconds, milliseconds, microseconds or nanoseconds since 1970, told apart by their size.
 *
 * @returns milliseconds; NaN before 2001 and after 2286, where the unit could not be told
 */
export function epochTime(value: number): number {
  for (const perMillisecond of [1e-3, 1, 1e3, 1e6]) {
    // Seconds with a fraction lie a trace below it.
    const milliseconds = Math.floor(value / perMillisecond + 1e-3);
    if (milliseconds >= 1e12 && milliseconds < 1e13) return milliseconds;
  }
  return Number.NaN;
}

/** `+0900`. */
function zoneMinutes(zone: string): number {
  const minutes = digits(zone, 1, 3) * 60 + digits(zone, 3, 5);
  if (zone[0] === '+') return minutes;
  return zone[0] === '-' ? -minutes : Number.NaN;
}

/** Milliseconds; a leap second is the next minute's first. NaN for a time that no day has. */
function ofDay(hour: number, minute: number, second: number): number {
  return hour <= 23 && minute <= 59 && second <= 60
    ? (hour * 60 + minute) * 60_000 + second * 1000
    : Number.NaN;
}

/** NaN for a day that no month has. */
function utc(year: number, month: number, day: number, inDay: number, zone: number): number {
  if (!(day >= 1 && day <= daysOf(year, month))) return Number.NaN;
  return Date.UTC(year, month - 1, day) + inDay - zone * 60_000;
}

function daysOf(year: number, month: number): number {
  if (!(month >= 1 && month <= 12)) return 0;
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}
