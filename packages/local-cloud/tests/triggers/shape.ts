import { readFileSync } from 'node:fs';

/** A sample of `samples/`, as AWS documents it. */
export function sample<T = Record<string, unknown>>(name: string): T {
  return JSON.parse(readFileSync(new URL(`samples/${name}.json`, import.meta.url), 'utf8')) as T;
}

/**
 * Keys in their order and the types of their values. Numbers keep whether they have a fraction and
 * strings the form of an instant, so that seconds and milliseconds are not taken for each other.
 */
export function shape(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shape);
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).map(([key, inner]) => [key, shape(inner)]);
  }
  if (typeof value === 'number') return value > 1e11 ? 'milliseconds?' : 'number';
  if (typeof value !== 'string') return value === null ? 'null' : typeof value;
  if (/^\d{4}-\d\d-\d\dT[\d:]+\.\d{3}Z$/.test(value)) return 'instant with milliseconds';
  if (/^\d{4}-\d\d-\d\dT[\d:]+Z$/.test(value)) return 'instant in seconds';
  return 'string';
}
