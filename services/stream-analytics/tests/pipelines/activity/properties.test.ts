import fc from 'fast-check';
import { expect, test } from 'vitest';
import { properties } from '../../../src/pipelines/activity/properties.ts';
import { settle } from '../../model/settle.ts';
import { activity } from './activity-events.ts';

const AT = '2026-11-23T09:41:07Z';
const DAY = 'acme activity.properties 1d 2026-11-23T00:00:00Z';

const signedIn = (id: string, method: string | number | boolean | null) =>
  activity(id, AT, { name: 'signed-in', properties: { method } });

test('listed values are counted one by one, all others together', () => {
  const events = [
    signedIn('1', 'password'),
    signedIn('2', 'password'),
    signedIn('3', 'ldap'),
    signedIn('4', 42),
    signedIn('5', true),
    signedIn('6', '__proto__'),
    signedIn('7', null),
    activity('8', AT, { name: 'signed-in' }),
    activity('9', AT, { name: 'renamed', properties: { method: 'password' } }),
  ];
  const days = Object.entries(settle(properties, events).counts).filter(([name]) =>
    name.startsWith(DAY),
  );
  expect(Object.fromEntries(days)).toEqual({
    [`${DAY} {"name":"signed-in","property":"method","value":"other"}`]: { count: 4, sum: '0' },
    [`${DAY} {"name":"signed-in","property":"method","value":"password"}`]: { count: 2, sum: '0' },
  });
});

test('any values of an open property are one cell with its terms and distinct members', () => {
  const events = ['rye', '밀가루', 'rye', '\ud800', 7].map((query, at) =>
    activity(`${at}`, AT, { name: 'searched', properties: { query } }),
  );
  const cell = 'acme activity.terms 1d 2026-11-23T00:00:00Z {"name":"searched","property":"query"}';
  const settled = settle(properties, events);
  expect(settled.counts).toEqual({ [cell]: { count: 5, sum: '0' } });
  expect(settled.terms.get(cell)).toEqual(
    new Map([
      ['rye', 2],
      ['밀가루', 1],
      ['\ufffd', 1],
      ['7', 1],
    ]),
  );
  expect(settled.members.get(cell)?.size).toBe(4);
});

test('however many values there are, no more is counted than what is declared', () => {
  const names = fc.constantFrom('signed-in', 'shared', 'searched', 'view_product', 'purchase');
  const keys = fc.constantFrom('method', 'channel', 'query', 'category', 'payment', '__proto__');
  const value = fc.oneof(fc.string({ unit: 'binary' }), fc.double(), fc.boolean());
  const drawn = fc.array(fc.tuple(names, keys, value), { maxLength: 80, size: 'max' });
  fc.assert(
    fc.property(drawn, (all) => {
      const events = all.map(([name, key, one], at) =>
        activity(`e${at}`, AT, { name, properties: Object.fromEntries([[key, one]]) }),
      );
      const { counts } = settle(properties, events);
      expect(settle(properties, [...events.toReversed(), ...events]).counts).toEqual(counts);
      const cells = Object.keys(counts).filter((name) => name.includes(' 1d '));
      // 5 + 4 + 4 listed or other, 2 open.
      expect(cells.length).toBeLessThanOrEqual(15);
    }),
  );
});
