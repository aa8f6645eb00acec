import { parseArgs } from 'node:util';
import { type Filter, KINDS } from '../../dead-letters/entry.ts';
import { SERVICES } from '../../dead-letters/places.ts';
import { UsageError } from '../../usage-error.ts';

export interface Settings {
  readonly action: string;
  readonly filter: Filter;
  readonly limit: number | undefined;
  readonly records: number;
  readonly rate: number;
  readonly withClosed: boolean;
  readonly isForced: boolean;
  readonly isAgreed: boolean;
  readonly isJson: boolean;
  readonly stage: string;
}

/** @returns undefined where only help is asked for. */
export function readSettings(args: string[]): Settings | undefined {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      service: { type: 'string' },
      function: { type: 'string' },
      code: { type: 'string' },
      kind: { type: 'string' },
      limit: { type: 'string' },
      records: { type: 'string', default: '10' },
      rate: { type: 'string', default: '100' },
      all: { type: 'boolean', default: false },
      force: { type: 'boolean', default: false },
      yes: { type: 'boolean', default: false },
      stage: { type: 'string', default: 'local' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return undefined;
  const [action = '', ...ids] = positionals;
  const kind = KINDS.find((one) => one === values.kind);
  if (values.kind !== undefined && kind === undefined) {
    throw new UsageError(`--kind takes ${KINDS.join(', ')}, not "${values.kind}".`);
  }
  if (values.service !== undefined && !SERVICES.includes(values.service)) {
    throw new UsageError(`--service takes ${SERVICES.join(', ')}, not "${values.service}".`);
  }
  if (!/^[a-z0-9-]+$/i.test(values.stage)) {
    throw new UsageError(`--stage takes the name of a stage, not "${values.stage}".`);
  }
  const filter = { service: values.service, functionName: values.function, code: values.code };
  return {
    ...{ action, filter: { ...filter, kind, ids } },
    limit: values.limit === undefined ? undefined : wholeNumber('limit', values.limit, 100_000),
    records: wholeNumber('records', values.records, 10_000),
    rate: wholeNumber('rate', values.rate, 100_000),
    ...{ withClosed: values.all, isForced: values.force, isAgreed: values.yes },
    ...{ isJson: values.json, stage: values.stage },
  };
}

function wholeNumber(name: string, text: string, most: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw new UsageError(`--${name} takes a number from 1 to ${most}, not "${text}".`);
}
