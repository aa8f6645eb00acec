import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { topicFilterProblem, topicMatches } from '../../src/iot/topic-filter.ts';

describe('a topic filter', () => {
  it.each([
    ['devices/+/telemetry', 'devices/d1/telemetry', true],
    ['devices/+/telemetry', 'devices/d1/x/telemetry', false],
    ['devices/#', 'devices', true],
    ['devices/#', 'devices/a/b', true],
    ['#', 'anything/at/all', true],
    ['#', '$aws/events/presence/connected/d1', false],
    ['+/events', '$aws/events', false],
    ['$aws/events/presence/+/+', '$aws/events/presence/connected/d1', true],
    ['a/+', 'a', false],
    ['a/+', 'a/', true],
    ['a', 'a/b', false],
  ])('%s on %s: %s', (filter, topic, matches) => {
    expect(topicMatches(filter, topic)).toBe(matches);
  });

  it('made from a topic by wildcards matches that topic', () => {
    const level = fc.stringMatching(/^[a-z]{0,3}$/);
    const topics = fc.array(level, { minLength: 1, maxLength: 7 });
    fc.assert(
      fc.property(
        topics,
        fc.array(fc.boolean(), { minLength: 7, maxLength: 7 }),
        fc.nat(7),
        (levels, plus, cut) => {
          const replaced = levels.map((text, index) => (plus[index] ? '+' : text));
          const topic = levels.join('/');
          expect(topicMatches(replaced.join('/'), topic)).toBe(true);
          expect(topicMatches([...replaced.slice(0, cut), '#'].join('/'), topic)).toBe(true);
        },
      ),
    );
  });

  it('holds its wildcards alone', () => {
    expect(topicFilterProblem('a/b#')).toBeDefined();
    expect(topicFilterProblem('a/#/b')).toBeDefined();
    expect(topicFilterProblem('a+/b')).toBeDefined();
    expect(topicFilterProblem('')).toBeDefined();
    expect(topicFilterProblem('a/+/b/#')).toBeUndefined();
  });
});
