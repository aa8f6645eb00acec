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

const INTEGER = /^[-+]?\d+$/;
const DECIMAL = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d{1,4})?$/i;
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
    const text = lenient ? plainNumber(field).replace(/\.0+$/, '') : field;
    if (!INTEGER.test(text)) return notAnInteger;
    return text.length <= 15 ? BigInt(Number(text)) : inRange(BigInt(text.replace('+', '')));
  };
}

export function toDouble(lenient: boolean): Convert {
  return (field) => {
    if (typeof field === 'number') return field;
    if (typeof field === 'boolean') return notANumber;
    const text = lenient && typeof field === 'string' ? plainNumber(field) : String(field);
    if (!DECIMAL.test(text)) return notANumber;
    const value = Number(text);
    return isExact(text.replace('+', ''), value) ? value : tooPrecise;
  };
}

function inRange(value: bigint): bigint | Unfit {
  return value >= MIN_INT64 && value <= MAX_INT64 ? value : tooPrecise;
}

/** `₩ 1,234원` → `1234`; digits of full width as others. */
function plainNumber(field: string): string {
  if (/^-?\d+$/.test(field)) return field;
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
    const text = lenient ? field.trim() : field;
    const parts =
      ISO_TIME.exec(text) ?? (lenient ? (WRITTEN_TIME.exec(text) ?? DIGITS_ONLY.exec(text)) : null);
    return parts ? moment(parts, utcOffset) : notATime;
  };
}

function moment(parts: readonly (string | undefined)[], utcOffset: string): Date | Unfit {
  const [, year, month, day, hour = 0, minute = 0, second = 0, fraction = '', offset] = parts;
  if (/[1-9]/.test(fraction.slice(3))) return tooPrecise;
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  if (date.getUTCMonth() + 1 !== Number(month) || date.getUTCDate() !== Number(day))
    return notATime;
  date.setUTCHours(
    Number(hour),
    Number(minute),
    Number(second),
    Number(fraction.slice(0, 3).padEnd(3, '0')),
  );
  const minutes = minutesOf(offset ?? utcOffset);
  return minutes === undefined ? notATime : new Date(date.getTime() - minutes * 60_000);
}

function minutesOf(offset: string): number | undefined {
  if (/^z$/i.test(offset)) return 0;
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
