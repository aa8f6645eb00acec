import { minuteOf } from '@millrace/types';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cellsOf, groupOf } from '../../src/domain/engine/cells.ts';
import { Minutes } from '../../src/domain/engine/identity.ts';

const tenants = fc.constantFrom('acme', 'acme2', '2026');
const times = fc
  .record({
    minute: fc.constantFrom('2026-11-23T09:41', '2026-11-23T09:42', '2026-11-23T10:41'),
    rest: fc.constantFrom(':00Z', ':59.999Z', ':07+00:00', ':07+01:00', ':07-00:01'),
  })
  .map(({ minute, rest }) => minute + rest);
const texts = fc.constantFrom('', 'a', 'b', '1', 'a\n1\nb');

test('each event is in the minute of its time and tenant, whatever came before it', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(tenants, times), { maxLength: 30 }), (events) => {
      const minutes = new Minutes();
      for (const [tenant, time] of events) {
        const at = minutes.at(tenant, time);
        expect([at.tenant, at.minute]).toEqual([tenant, minuteOf(time)]);
        expect(minutes.at(tenant, time)).toBe(at);
      }
    }),
  );
});

test('a minute names its groups as they are named one by one', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(texts, texts), { maxLength: 30 }), (pairs) => {
      const minute = new Minutes().at('acme', '2026-11-23T09:41:07Z');
      const cells = cellsOf('acme', 'log', minute.minute);
      for (const [service, level] of pairs) {
        const observation = { by: { service, level } };
        expect(minute.groupOf('log', observation)).toBe(groupOf(cells, 'log', observation));
      }
    }),
  );
});
