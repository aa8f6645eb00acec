import fc from 'fast-check';
import { expect, it } from 'vitest';
import { derivedId, newId } from '../src/index.ts';

it('derives the same ids today as on the day when the first were stored', () => {
  expect(derivedId('object', 'uploads/photos/cat.jpg')).toBe(
    'a305d4ab-d0dd-52fd-a75e-553507a096e4',
  );
  expect(derivedId('request', '["order","acme","key"]')).toBe(
    'ab2c3db0-3ebe-535b-811e-845183b00ff1',
  );
});

it('derives other ids from other names, and from equal names in other namespaces', () => {
  const name = fc.string({ unit: 'binary' });
  fc.assert(
    fc.property(name, name, (one, other) => {
      expect(derivedId('object', one)).not.toBe(derivedId('request', one));
      expect(derivedId('object', one) === derivedId('object', other)).toBe(one === other);
      expect(derivedId('request', one)).toMatch(
        /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
      );
    }),
  );
});

it('gives new ids, of version 7, in the order of their times', () => {
  const ids = [0, 1, 1000, Date.now(), 2 ** 48 - 1].map(newId);
  expect(ids).toEqual([...ids].sort());
  expect(newId(1000)).not.toBe(newId(1000));
  for (const id of ids)
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});
