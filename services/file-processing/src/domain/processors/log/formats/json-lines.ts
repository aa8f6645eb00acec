import { maskMember, maskQuery, maskText } from '../privacy.ts';
import { splitTarget } from './fields.ts';
import { type Entry, isErrorStatus, type LogFormat } from './format.ts';
import { epochTime, isoTime } from './times.ts';

/** Names that loggers give, the first of each that is there counts. */
const TIME = ['time', 'timestamp', '@timestamp', 'ts', 'datetime', 'eventTime', 'asctime'];
const LEVEL = ['level', 'severity', 'lvl', 'log.level', 'logLevel', 'log_level', 'levelname'];
const MESSAGE = ['message', 'msg'];
const STATUS = ['status', 'statusCode', 'status_code'];
const METHOD = ['method', 'httpMethod', 'request_method'];
const PATH = ['path', 'url', 'uri', 'request_uri', 'rawPath'];

/** Syslog's, log4j's, Python's and console's. */
const ERROR_LEVELS = [
  'error',
  'err',
  'fatal',
  'critical',
  'crit',
  'severe',
  'alert',
  'emergency',
  'emerg',
  'panic',
];
const LEVELS = new Set([
  ...ERROR_LEVELS,
  ...['trace', 'verbose', 'silly', 'fine', 'debug', 'info', 'information', 'informational'],
  ...['log', 'notice', 'default', 'warn', 'warning'],
]);
const IS_ERROR = new Set(ERROR_LEVELS);

/** Of bunyan and pino. */
const NUMBERED_LEVELS: Readonly<Record<number, string>> = {
  ...{ 10: 'trace', 20: 'debug', 30: 'info', 40: 'warn', 50: 'error', 60: 'fatal' },
};

/**
 * One JSON object a line with a time and something that only logs have: a level, a message, or the
 * status of an HTTP answer. Objects with a time alone are data. Members without a column are in
 * `more`, as JSON.
 */
export const jsonLines: LogFormat = {
  name: 'json-lines',
  columns: [
    { name: 'time', type: 'timestamp' },
    { name: 'level', type: 'string' },
    { name: 'message', type: 'string' },
    { name: 'status', type: 'int64' },
    { name: 'method', type: 'string' },
    { name: 'path', type: 'string' },
    { name: 'query', type: 'string' },
    { name: 'more', type: 'string' },
  ],
  reader: () => read,
};

type Members = Readonly<Record<string, unknown>>;

function read(text: string): Entry | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    return entryOf(parse(text));
  } catch {
    // No JSON, or nested deeper than it can be written again.
    return undefined;
  }
}

/** More digits than a number of JavaScript keeps: ids of 64 bits and more. */
const LONG_NUMBER = /\d{16}/;

/** As JSON.parse and JSON.stringify of ES2026 have them; TypeScript's libraries do not yet. */
const { parse: parseWithSource, rawJSON } = JSON as unknown as {
  parse: (
    text: string,
    reviver: (name: string, value: unknown, context: { readonly source: string }) => unknown,
  ) => Members;
  rawJSON: (source: string) => unknown;
};

const parse = (text: string): Members =>
  LONG_NUMBER.test(text)
    ? parseWithSource(text, (_, value, { source }) =>
        typeof value === 'number' && source !== String(value) ? rawJSON(source) : value,
      )
    : JSON.parse(text);

function entryOf(members: Members): Entry | undefined {
  const used = new Set<string>();
  const pick = <T>(names: readonly string[], take: (value: unknown) => T | undefined) => {
    for (const name of names) {
      const value = Object.hasOwn(members, name) ? take(members[name]) : undefined;
      if (value === undefined) continue;
      used.add(name);
      return value;
    }
    return undefined;
  };
  const time = pick(TIME, timeOf);
  const level = pick(LEVEL, levelOf);
  const message = pick(MESSAGE, textOf);
  const status = pick(STATUS, statusOf);
  if (
    time === undefined ||
    (level === undefined && message === undefined && status === undefined)
  ) {
    return undefined;
  }
  const method = pick(METHOD, textOf);
  const target = pick(PATH, textOf);
  const { path, query } = target === undefined ? { path: null, query: null } : splitTarget(target);
  const isError = IS_ERROR.has(level ?? '') || (status !== undefined && isErrorStatus(status));
  return {
    cells: [
      new Date(time),
      level ?? null,
      message === undefined ? null : maskText(message),
      status === undefined ? null : BigInt(status),
      method ?? null,
      path,
      query === null ? null : maskQuery(query),
      moreOf(members, used),
    ],
    time,
    status: status === undefined ? level : String(status),
    path: path ?? undefined,
    isError,
  };
}

function moreOf(members: Members, used: ReadonlySet<string>): string | null {
  const text = JSON.stringify(members, function (this: unknown, name: string, value: unknown) {
    return this === members && used.has(name) ? undefined : maskMember(name, value);
  });
  return text === '{}' ? null : text;
}

function timeOf(value: unknown): number | undefined {
  const number = Number(hasSource(value) ? value.rawJSON : value);
  const time = Number.isNaN(number) ? isoTime(String(value)) : epochTime(number);
  return Number.isNaN(time) ? undefined : time;
}

/** What `rawJSON` makes. */
const hasSource = (value: unknown): value is { readonly rawJSON: unknown } =>
  typeof value === 'object' && value !== null && 'rawJSON' in value;

function levelOf(value: unknown): string | undefined {
  if (typeof value === 'number') return NUMBERED_LEVELS[value];
  const level = typeof value === 'string' ? value.toLowerCase() : '';
  return LEVELS.has(level) ? level : undefined;
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : undefined);

function statusOf(value: unknown): number | undefined {
  const status = Number(
    typeof value === 'number' || typeof value === 'string' ? value : Number.NaN,
  );
  return Number.isInteger(status) && status >= 100 && status < 600 ? status : undefined;
}
