/** How numbers and names are written; the language decides about units and separators. */
export type Language = 'en' | 'ko';

interface Units {
  readonly second: string;
  readonly minute: string;
  readonly hour: string;
  readonly day: string;
}

const UNITS: Record<Language, Units> = {
  en: { second: ' s', minute: ' min', hour: ' h', day: ' d' },
  ko: { second: '초', minute: '분', hour: '시간', day: '일' },
};

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A duration in its two largest units: `0.4 s`, `3 min 12 s`, `6 d 23 h`. */
export function duration(ms: number, language: Language): string {
  const { second, minute, hour, day } = UNITS[language];
  const of = (size: number) => Math.floor(ms / size);
  const pair = (large: number, unit: string, small: number, rest: string) => {
    const left = Math.floor((ms % large) / small);
    return `${of(large)}${unit}${left > 0 ? ` ${left}${rest}` : ''}`;
  };
  if (ms === 0) return `0${second}`;
  if (ms < 10 * SECOND) return `${(Math.floor(ms / 100) / 10).toFixed(1)}${second}`;
  if (ms < MINUTE) return `${of(SECOND)}${second}`;
  if (ms < HOUR) return pair(MINUTE, minute, SECOND, second);
  if (ms < DAY) return pair(HOUR, hour, MINUTE, minute);
  return pair(DAY, day, HOUR, hour);
}

export function count(value: number, language: Language): string {
  return new Intl.NumberFormat(language).format(value);
}

/** Records per second: one decimal where a whole number would hide a trickle. */
export function rate(perSecond: number, language: Language): string {
  const maximumFractionDigits = perSecond < 10 ? 1 : 0;
  return new Intl.NumberFormat(language, { maximumFractionDigits }).format(perSecond);
}

export function bytes(value: number, language: Language): string {
  if (value < 1024) return `${value} B`;
  return `${rate(value / 1024, language)} kB`;
}

/** `millrace-etl-local-loadOrders` of the service `millrace-etl` is `loadOrders`. */
export function shortFunctionName(name: string, service: string | undefined): string {
  if (service === undefined || !name.startsWith(`${service}-`)) return name;
  const [, ...rest] = name.slice(service.length + 1).split('-');
  return rest.join('-') || name;
}

/** What an ARN is the name of: a stream, a table, a queue, a bucket. A schedule stays as it is. */
export function sourceName(source: string): string {
  if (!source.startsWith('arn:')) return source;
  const resource = source.split(':').slice(5).join(':');
  return /^(?:stream|table)\/([^/]+)/.exec(resource)?.[1] ?? resource;
}

/** `shardId-000000000007` is 7; ids that hold more than a number are known by their ends. */
export function shortShardId(shardId: string): string {
  const number = /^shardId-0*(\d{1,9})(?:$|-)/.exec(shardId)?.[1];
  return number ?? (shardId.length > 12 ? `…${shardId.slice(-8)}` : shardId);
}

export function shortSequenceNumber(sequenceNumber: string): string {
  return sequenceNumber.length > 12 ? `…${sequenceNumber.slice(-9)}` : sequenceNumber;
}
