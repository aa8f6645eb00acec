import type { ExpectedSends } from '../expected/expected.ts';
import type { Tally } from '../fleet/tally.ts';
import { type Line, line } from './line.ts';

/** What the broker was to do with the messages themselves. */
export function compareSends(expected: ExpectedSends, tally: Tally): Line[] {
  const { messages, copies, again, late, drops, oversized } = expected;
  return [
    line(
      `messages: ${copies} copies, ${again} sent again, ${late} late`,
      `${messages} acknowledged`,
      `${tally.acknowledged} acknowledged`,
    ),
    line('connections dropped', `${drops}`, `${tally.drops}`),
    line(
      'messages over 128 KB',
      `${oversized} connections closed`,
      `${tally.closedByBroker} connections closed`,
    ),
  ];
}
