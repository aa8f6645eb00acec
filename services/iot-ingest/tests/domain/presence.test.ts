import type { DevicePresence } from '@millrace/types';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type PresenceEvent, presenceOf, replaces } from '../../src/domain/presence/presence.ts';

const NOON = Date.parse('2026-11-24T12:00:00Z');
const MINUTE = 60_000;

const connection = (version: number, from: number, to?: number): PresenceEvent[] => {
  const event = { clientId: 'wheel-1', version, sessionId: `s${version}-${from}` };
  return [
    { ...event, isConnected: true, at: NOON + from * MINUTE },
    ...(to === undefined
      ? []
      : [{ ...event, isConnected: false, at: NOON + to * MINUTE, reason: 'CONNECTION_LOST' }]),
  ];
};

const afterAll = (events: readonly PresenceEvent[]) =>
  events
    .map(presenceOf)
    .reduce<DevicePresence | undefined>(
      (stored, next) => (replaces(stored, next) ? next : stored),
      undefined,
    );

describe('presence', () => {
  test('is that of the last event, whatever order they come in and however often', () => {
    const story = [...connection(0, 0, 1), ...connection(1, 1, 5), ...connection(2, 5, 9)];
    const upTo = fc.integer({ min: 1, max: story.length });
    const jitter = fc.array(fc.integer({ min: -1, max: 1 }), { minLength: 6, maxLength: 6 });
    fc.assert(
      fc.property(upTo, jitter, fc.infiniteStream(fc.nat()), (count, wrong, order) => {
        const told = story
          .slice(0, count)
          .map((event, index) => ({ ...event, at: event.at + Number(wrong[index]) * MINUTE }));
        const random = order[Symbol.iterator]();
        const shuffled = [...told, ...told]
          .map((event) => ({ event, key: Number(random.next().value) }))
          .sort((one, other) => one.key - other.key)
          .map(({ event }) => event);
        const last = told.at(-1);
        expect(afterAll(shuffled)).toEqual(last && presenceOf(last));
      }),
    );
  });

  test('goes on where the broker counts anew after an hour without a connection', () => {
    const before = connection(7, 0, 5);
    const anew = connection(0, 90);
    expect(afterAll([...before, ...anew])).toMatchObject({ isConnected: true, order: 0 });
    // What comes again from the count before is older, although its number is higher.
    expect(afterAll([...before, ...anew, ...before])).toMatchObject({ order: 0 });
    expect(afterAll([...before, ...anew, ...connection(0, 90, 95)])).toMatchObject({
      isConnected: false,
      reason: 'CONNECTION_LOST',
    });
  });

  test('of a client that is connected is not ended by a lower number', () => {
    expect(afterAll([...connection(3, 0), ...connection(2, 0, 120).slice(1)])).toMatchObject({
      isConnected: true,
    });
  });
});
