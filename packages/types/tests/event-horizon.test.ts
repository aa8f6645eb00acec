import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EVENT_HORIZON, isWithinHorizon } from '../src/events/event-horizon.ts';

const at = Date.parse('2026-11-24T12:00:00Z');
const ago = (ms: number) => new Date(at - ms).toISOString();

describe('the horizon of an event', () => {
  test.each([
    ['now', ago(0), true],
    ['400 days ago', ago(EVENT_HORIZON.pastMs), true],
    ['a millisecond before that', ago(EVENT_HORIZON.pastMs + 1), false],
    ['a day ahead', ago(-EVENT_HORIZON.futureMs), true],
    ['a millisecond after that', ago(-EVENT_HORIZON.futureMs - 1), false],
    ['1970', '1970-01-01T00:00:00Z', false],
    ['2999', '2999-01-01T00:00:00Z', false],
    ['no time', 'yesterday', false],
    ['a day ahead in another offset', '2026-11-25T21:00:00+09:00', true],
  ])('%s', (_case, time, inside) => {
    expect(isWithinHorizon(time, at)).toBe(inside);
  });

  test('depends on the distance alone', () => {
    const instants = fc.integer({ min: 0, max: 4e12 });
    const distances = fc.integer({
      min: -2 * EVENT_HORIZON.futureMs,
      max: 2 * EVENT_HORIZON.pastMs,
    });
    fc.assert(
      fc.property(instants, distances, (arrival, distance) => {
        expect(isWithinHorizon(new Date(arrival - distance).toISOString(), arrival)).toBe(
          isWithinHorizon(ago(distance), at),
        );
      }),
    );
  });
});
