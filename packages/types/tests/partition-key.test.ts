import { expect, test } from 'vitest';
import { MillraceEvent, partitionKeyOf, validate } from '../src/index.ts';
import { altered } from './samples.ts';

function keyOf(name: string, changes: Parameters<typeof altered>[1] = {}): string {
  const validated = validate(MillraceEvent, altered(name, changes));
  if (!validated.ok) throw new TypeError('The sample is not valid.');
  return partitionKeyOf(validated.value, 'mill');
}

test.each([
  ['activity', 'mill/user-1'],
  ['click', 'mill/v-1'],
  ['order', 'mill/order-1'],
  ['log', 'mill/checkout'],
  ['post', 'mill/miller'],
  ['telemetry', 'mill/wheel-1'],
  ['document', 'mill/wiki:waterwheel'],
])('events of one %s entity share a key', (name, key) => {
  expect(keyOf(name)).toBe(key);
  expect(keyOf(name, { id: 'another' })).toBe(key);
});

test('tenants never share a key', () => {
  const validated = validate(MillraceEvent, altered('order', {}));
  const of = (tenant: string) => validated.ok && partitionKeyOf(validated.value, tenant);
  expect(of('a')).not.toBe(of('b'));
});

test('a key that Kinesis would refuse is cut', () => {
  expect(keyOf('click', { data: { visitorId: 'v'.repeat(256) } })).toHaveLength(256);
});
