import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MillraceEvent, partitionKeyOf, validate } from '../src/index.ts';
import { arbitraryEvents, arbitraryTenants } from './arbitrary-events.ts';

test('a valid event is the same after validation, serialization and validation again', () => {
  fc.assert(
    fc.property(arbitraryEvents, (event) => {
      const sent = JSON.parse(JSON.stringify(event));
      const first = validate(MillraceEvent, sent);
      expect(first).toEqual({ ok: true, value: sent });
      const again = first.ok && validate(MillraceEvent, JSON.parse(JSON.stringify(first.value)));
      expect(again).toEqual(first);
    }),
  );
});

test('a partition key starts with its tenant and is one that Kinesis takes', () => {
  fc.assert(
    fc.property(arbitraryEvents, arbitraryTenants, (event, tenant) => {
      const validated = validate(MillraceEvent, event);
      if (!validated.ok) throw new TypeError('The arbitrary event is not valid.');
      const key = partitionKeyOf(validated.value, tenant);
      expect(key.startsWith(`${tenant}/`)).toBe(true);
      expect(key.length).toBeLessThanOrEqual(256);
    }),
  );
});

test('whatever is validated, the answer is a value or violations, never an exception', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (input) => {
      const validated = validate(MillraceEvent, input);
      if (!validated.ok) {
        expect(validated.violations.length).toBeGreaterThan(0);
        expect(validated.violations.length).toBeLessThanOrEqual(10);
      }
    }),
  );
});
