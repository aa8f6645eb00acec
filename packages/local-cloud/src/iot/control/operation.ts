import { invalid } from '../registry/iot-error.ts';
import type { Registry } from '../registry/registry.ts';

/** One call of the control plane, taken apart. */
export interface Call {
  readonly registry: Registry;
  /** The path's variable parts, decoded. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
  readonly body: Readonly<Record<string, unknown>>;
  /** `x-amzn-principal`. */
  readonly principal: string | undefined;
}

export interface Operation {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Captures the parts that vary. */
  readonly path: RegExp;
  run(call: Call): unknown;
}

export function textOf(call: Call, name: string): string {
  const value = call.body[name];
  if (typeof value !== 'string') throw invalid(`${name} is missing.`);
  return value;
}

export function queryOf(call: Call, name: string): string {
  const value = call.query.get(name);
  if (value === null) throw invalid(`${name} is missing.`);
  return value;
}

export function principalOf({ principal }: Call): string {
  if (principal === undefined) throw invalid('The header x-amzn-principal is missing.');
  return principal;
}

/** Seconds since the epoch, as the protocol has instants. */
export const seconds = (ms: number) => ms / 1000;

/**
 * One page of a list, whose token is the place of the next entry.
 * @throws IotError InvalidRequestException for a token that is none
 */
export function pageOf<Entry>(
  entries: readonly Entry[],
  call: Call,
  names: { readonly size: string; readonly token: string },
): { readonly page: readonly Entry[]; readonly next?: string } {
  const start = Number(call.query.get(names.token) ?? 0);
  const size = Number(call.query.get(names.size) ?? 25);
  if (!Number.isInteger(start) || start < 0) throw invalid(`${names.token} is not one of ours.`);
  if (!Number.isInteger(size) || size < 1 || size > 250) {
    throw invalid(`${names.size} is a whole number from 1 to 250.`);
  }
  const end = start + size;
  const page = entries.slice(start, end);
  return end < entries.length ? { page, next: String(end) } : { page };
}
