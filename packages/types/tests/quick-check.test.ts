import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { MillraceEvent, TelemetryMessage } from '../src/index.ts';
import { quickCheckOf } from '../src/quick-check.ts';
import { arbitraryEvents } from './arbitrary-events.ts';

const quick = quickCheckOf(MillraceEvent);

/** Something else in place of, or beside, one value of a document. */
const junk = fc.oneof(
  fc.constantFrom<unknown>(null, '', -1, 0.5, 1e300, true, [], {}, '9999-12-31T23:59:59-14:00'),
  fc.constantFrom<unknown>('x'.repeat(70_000), 'millrace.click.v1', { a: { b: 1 } }, [null]),
);

function mutate(document: unknown, path: readonly number[], value: unknown, name: string): unknown {
  if (typeof document !== 'object' || document === null) return value;
  const copy: Record<string, unknown> = Array.isArray(document)
    ? (document.slice() as never)
    : { ...document };
  const keys = Object.keys(copy);
  const [at, ...deeper] = path;
  if (at === undefined || keys.length === 0) {
    if (Array.isArray(copy)) return [...copy, value];
    Object.defineProperty(copy, name, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    });
    return copy;
  }
  const key = keys[at % keys.length] ?? '';
  copy[key] = mutate(copy[key], deeper, value, name);
  return copy;
}

describe('the quick check', () => {
  test('takes every event that needs no change', () => {
    fc.assert(
      fc.property(arbitraryEvents, (event) => {
        const parsed = MillraceEvent.safeParse(event);
        expect(parsed.success).toBe(true);
        expect(quick?.(parsed.data)).toBe(true);
      }),
    );
  });

  test('takes nothing that the schema refuses or changes', () => {
    const names = fc.constantFrom('time', 'extra', '__proto__', 'constructor', 'lines', 'deviceId');
    const paths = fc.array(fc.nat({ max: 9 }), { maxLength: 4 });
    fc.assert(
      fc.property(arbitraryEvents, paths, junk, names, (event, path, value, name) => {
        const input = mutate(event, path, value, name);
        if (!quick?.(input)) return;
        const parsed = MillraceEvent.safeParse(input);
        expect(parsed.success).toBe(true);
        expect(parsed.data).toEqual(input);
      }),
      { numRuns: 5_000 },
    );
  });

  test.each([
    ['a default', z.object({ a: z._default(z.string(), 'x') })],
    ['a coercion', z.object({ a: z.coerce.number() })],
    ['a format that is not known', z.email()],
    ['another catchall', z.catchall(z.object({}), z.string())],
  ])('leaves a schema with %s to zod', (_, schema) => {
    const check = quickCheckOf(schema);
    expect(check?.({ a: '1' }) ?? false).toBe(false);
  });

  test('is there for what devices send', () => {
    const reading = { time: '2026-11-23T09:41:00Z', metrics: { rpm: 8.25 } };
    expect(quickCheckOf(TelemetryMessage)?.(reading)).toBe(true);
    expect(quickCheckOf(TelemetryMessage)?.({ ...reading, metrics: { rpm: '8' } })).toBe(false);
  });
});
