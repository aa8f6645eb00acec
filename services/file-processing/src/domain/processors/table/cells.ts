import type { Cell, ColumnType } from '../../content/parquet.ts';
import { isExact, MAX_INT64, MIN_INT64 } from './numbers.ts';
import type { Field } from './record.ts';

/** A field that cannot become a cell of its column's type. */
export class Unfit {
  readonly code: string;
  readonly message: string;

  constructor(code: string, message: string) {
    this.code = code;
    this.message = message;
  }
}

/** Never rounded, never guessed: a field is the value that it says, or unfit. */
export type Convert = (field: Exclude<Field, null>) => Cell | Unfit;

const notAnInteger = new Unfit('not_an_integer', 'is no integer');
const notANumber = new Unfit('not_a_number', 'is no number');
const tooPrecise = new Unfit('too_precise', 'cannot be stored without rounding');
const notABoolean = new Unfit('not_a_boolean', 'is neither true nor false');
const notATime = new Unfit('not_a_time', 'is no date or time of the calendar, like 2026-01-31');

/** As many characters hold no more digits than a double does. */
const SHORT = 15;
const INTEGER = /^[-+]?\d+$/;
const DECIMAL = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d{1,4})?$/i;
const PLAIN = /^-?\d+(?:\.\d+)?$/;
const GROUPED = /^[-+]?\d{1,3}(?:,\d{3})+(?:\.\d+)?$/;
const CURRENCY = /^([-+]?)[₩$€£¥]\s?|\s?(?:원|₩|€)$/g;

/** Strict forms are those of programs; lenient ones also those that people and their sheets write. */
export function toInteger(lenient: boolean): Convert {
  return (field) => {
    if (typeof field === 'bigint') return inRange(field);
    if (typeof field === 'number') {
      return Number.isSafeInteger(field) ? BigInt(field) : notAnInteger;
    }
    if (typeof field === 'boolean') return notAnInteger;
    const plain = plainDecimal(field);
    if (plain !== undefined && !field.includes('.')) return BigInt(plain);
    const text = lenient && !INTEGER.test(field) ? plainNumber(field).replace(/\.0+$/, '') : field;
    if (!INTEGER.test(text)) return notAnInteger;
    return inRange(BigInt(text.replace('+', '')));
  };
}

export function toDouble(lenient: boolean): Convert {
  return (field) => {
    if (typeof field === 'number') return field;
    if (typeof field === 'boolean') return notANumber;
    // Nearly all there are; the rest is looked at closely.
    const plain = typeof field === 'string' ? plainDecimal(field) : undefined;
    if (plain !== undefined) return plain;
    const text = lenient && typeof field === 'string' ? plainNumber(field) : String(field);
    if (!DECIMAL.test(text)) return notANumber;
    const value = Number(text);
    return isExact(text.replace('+', ''), value) ? value : tooPrecise;
  };
}

const ZERO = 48;
const NINE = 57;
const POINT = 46;
const MINUS = 45;

/**
 * What `-?digits(.digits)?` of no more than 15 characters says, in a tenth of the time of a regular
 * expression and of `Number`. Digits and power of ten are exact, so that their quotient is rounded
 * once, as `Number` rounds.
 */
function plainDecimal(text: string): number | undefined {
  if (text.length > SHORT) return undefined;
  const isNegative = text.charCodeAt(0) === MINUS;
  let value = 0;
  let point = text.length;
  let last = 0;
  for (let at = isNegative ? 1 : 0; at < text.length; at += 1) {
    const previous = last;
    last = text.charCodeAt(at);
    if (last >= ZERO && last <= NINE) value = value * 10 + last - ZERO;
    else if (last === POINT && previous >= ZERO && point === text.length) point = at;
    else return undefined;
  }
  if (last < ZERO) return undefined;
  if (point < text.length) value /= POWERS_OF_TEN[text.length - point - 1] ?? Number.NaN;
  return isNegative ? -value : value;
}

const POWERS_OF_TEN = Array.from({ length: SHORT }, (_, exponent) => 10 ** exponent);

function inRange(value: bigint): bigint | Unfit {
  return value >= MIN_INT64 && value <= MAX_INT64 ? value : tooPrecise;
}

/** `₩ 1,234원` → `1234`; digits of full width as others. */
function plainNumber(field: string): string {
  if (PLAIN.test(field)) return field;
  const text = field.normalize('NFKC').trim().replace(CURRENCY, '$1');
  return GROUPED.test(text) ? text.replaceAll(',', '') : text;
}

const BOOLEANS = new Map([
  ...['true', 't', 'yes', 'y', '1', 'o', '예', '네', '참'].map((word) => [word, true] as const),
  ...['false', 'f', 'no', 'n', '0', 'x', '아니오', '아니요', '거짓'].map(
    (word) => [word, false] as const,
  ),
]);

export function toBoolean(lenient: boolean): Convert {
  return (field) => {
    if (typeof field === 'boolean') return field;
    if (field === 'true') return true;
    if (field === 'false') return false;
    const word = String(field).trim().toLowerCase();
    if (!lenient && word !== 'true' && word !== 'false') return notABoolean;
    return BOOLEANS.get(word) ?? notABoolean;
  };
}

const TIME =
  /(?:[T ]([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:[.,](\d{1,9}))?)?\s?(Z|[-+]\d{2}:?\d{2})?)?$/
    .source;
const ISO_TIME = new RegExp(`^(\\d{4})-(\\d{2})-(\\d{2})${TIME}`, 'i');
const WRITTEN_TIME = new RegExp(
  `^(\\d{4})(?:[-/.]|년)\\s?(\\d{1,2})(?:[-/.]|월)\\s?(\\d{1,2})(?:일|\\.)?${TIME}`,
  'i',
);
const DIGITS_ONLY = /^(\d{4})(\d{2})(\d{2})$/;

/** Dates are their first moment. A time without an offset is one of `utcOffset`, `+09:00` e.g. */
export function toTimestamp(lenient: boolean, utcOffset = 'Z'): Convert {
  return (field) => {
    if (typeof field !== 'string') return notATime;
    const instant = instantOf(field);
    if (instant !== undefined) return new Date(instant);
    const text = lenient ? field.trim() : field;
    const parts =
      ISO_TIME.exec(text) ?? (lenient ? (WRITTEN_TIME.exec(text) ?? DIGITS_ONLY.exec(text)) : null);
    return parts ? moment(parts, utcOffset) : notATime;
  };
}

/** How programs write an instant, `2026-01-31T09:30:00.000Z`: the places of what is no digit. */
const INSTANT_LENGTHS = [20, 24];

/** Of what regular expressions take ten times as long for; undefined where they are to be asked. */
function instantOf(text: string): number | undefined {
  if (!INSTANT_LENGTHS.includes(text.length) || !hasMarksOfInstant(text)) return undefined;
  const year = digits(text, 0, 4);
  const month = digits(text, 5, 7);
  const day = digits(text, 8, 10);
  const hour = digits(text, 11, 13);
  const minute = digits(text, 14, 16);
  const second = digits(text, 17, 19);
  const milliseconds = text.length === 24 ? digits(text, 20, 23) : 0;
  const isTime = hour < 24 && minute < 60 && second < 60 && milliseconds >= 0;
  if (!(isTime && year >= 100 && day >= 1 && day <= daysOf(year, month))) return undefined;
  return Date.UTC(year, month - 1, day, hour, minute, second, milliseconds);
}

function hasMarksOfInstant(text: string): boolean {
  return (
    text[4] === '-' &&
    text[7] === '-' &&
    text[10] === 'T' &&
    text[13] === ':' &&
    text[16] === ':' &&
    text[19] === (text.length === 24 ? '.' : 'Z') &&
    text.endsWith('Z')
  );
}

/** NaN where there is something else. */
function digits(text: string, from: number, to: number): number {
  let value = 0;
  for (let at = from; at < to; at += 1) {
    const digit = text.charCodeAt(at) - ZERO;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}

/** The calendar comes again after 400 years, to the day. */
const CYCLE_YEARS = 400;
const CYCLE_MILLISECONDS = 146_097 * 86_400_000;

function moment(parts: readonly (string | undefined)[], utcOffset: string): Date | Unfit {
  const [, years, months, days, hours = 0, minutes = 0, seconds = 0, fraction = '', offset] = parts;
  const [year, month, day] = [Number(years), Number(months), Number(days)];
  if (day < 1 || day > daysOf(year, month)) return notATime;
  if (fraction.length > 3 && /[1-9]/.test(fraction.slice(3))) return tooPrecise;
  const distance = minutesOf(offset ?? utcOffset);
  if (distance === undefined) return notATime;
  const milliseconds = fraction === '' ? 0 : Number(fraction.slice(0, 3).padEnd(3, '0'));
  const minute = Number(minutes) - distance;
  // Of a year below 100, Date.UTC makes one of the twentieth century.
  const time = Date.UTC(
    ...([year + CYCLE_YEARS, month - 1, day, Number(hours), minute, Number(seconds)] as const),
    milliseconds,
  );
  return new Date(time - CYCLE_MILLISECONDS);
}

function daysOf(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return [31, 0, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0;
}

function minutesOf(offset: string): number | undefined {
  if (offset === 'Z' || offset === 'z') return 0;
  const [, sign, hours, minutes] = /^([-+])(\d{2}):?(\d{2})$/.exec(offset) ?? [];
  const total = Number(hours) * 60 + Number(minutes);
  // 18 hours are the most that ISO 8601's users give: java.time.ZoneOffset
  return total <= 18 * 60 ? total * (sign === '-' ? -1 : 1) : undefined;
}

export function toText(field: Exclude<Field, null>): string {
  return String(field);
}

export function converterTo(type: ColumnType, lenient: boolean, utcOffset?: string): Convert {
  if (type === 'int64') return toInteger(lenient);
  if (type === 'double') return toDouble(lenient);
  if (type === 'boolean') return toBoolean(lenient);
  return type === 'timestamp' ? toTimestamp(lenient, utcOffset) : toText;
}
