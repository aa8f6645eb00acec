import { describe, expect, it } from 'vitest';
import {
  duration,
  shortFunctionName,
  shortSequenceNumber,
  shortShardId,
  sourceName,
} from '../../src/page/browser/format.ts';
import { conditionOf, isBlocked } from '../../src/page/status.ts';
import type { MappingStatus } from '../../src/ports.ts';

describe('a duration', () => {
  it.each([
    [0, '0 s', '0초'],
    [420, '0.4 s', '0.4초'],
    [9_999, '9.9 s', '9.9초'],
    [59_999, '59 s', '59초'],
    [60_000, '1 min', '1분'],
    [192_000, '3 min 12 s', '3분 12초'],
    [7_500_000, '2 h 5 min', '2시간 5분'],
    [604_799_999, '6 d 23 h', '6일 23시간'],
  ])('of %i ms', (ms, english, korean) => {
    expect([duration(ms, 'en'), duration(ms, 'ko')]).toEqual([english, korean]);
  });
});

describe('a name', () => {
  it.each([
    [
      'arn:aws:kinesis:us-east-1:000000000000:stream/millrace-local-events',
      'millrace-local-events',
    ],
    ['arn:aws:dynamodb:us-east-1:000000000000:table/orders/stream/local', 'orders'],
    ['arn:aws:sqs:us-east-1:000000000000:jobs', 'jobs'],
    ['arn:aws:s3:::uploads', 'uploads'],
    ['rate(1 day)', 'rate(1 day)'],
  ])('of the source %s is %s', (source, name) => expect(sourceName(source)).toBe(name));

  it('of a function is short where its service is known', () => {
    const name = 'millrace-etl-local-load-orders';
    expect(shortFunctionName(name, 'millrace-etl')).toBe('load-orders');
    expect(shortFunctionName(name, undefined)).toBe(name);
    expect(shortFunctionName('millrace-etl-odd', 'millrace-etl')).toBe('millrace-etl-odd');
  });

  it('of a shard is its number, or the end of what is no number', () => {
    expect(shortShardId('shardId-000000000007')).toBe('7');
    expect(shortShardId('shardId-00000001-millrace-local-orders')).toBe('1');
    expect(shortShardId('shardId-00000001763936000000-abcdef12')).toBe('…abcdef12');
    expect(shortSequenceNumber('49668899999999999999999999999999999999917646338')).toBe(
      '…917646338',
    );
  });
});

describe('the condition of a mapping', () => {
  const shard = { shardId: '0', checkpoint: null, iteratorAgeMs: 0, inFlight: 0, attempts: 0 };
  const mapping = (change: Partial<typeof shard>, state = 'running') =>
    ({ state, shards: [shard, { ...shard, ...change }] }) as unknown as MappingStatus;

  it.each<[string, MappingStatus, string, boolean]>([
    ['nothing to do', mapping({}), 'resting', false],
    ['a batch at the function', mapping({ inFlight: 1 }), 'flowing', false],
    ['a young batch that fails', mapping({ attempts: 1, iteratorAgeMs: 900 }), 'retrying', false],
    ['an old batch that fails', mapping({ attempts: 9, iteratorAgeMs: 30_001 }), 'blocked', true],
    [
      'an old batch that does not fail',
      mapping({ inFlight: 1, iteratorAgeMs: 9e6 }),
      'flowing',
      false,
    ],
    ['no function', mapping({}, 'waiting-for-function'), 'waiting-for-function', true],
    ['no source', mapping({}, 'waiting-for-source'), 'waiting-for-source', false],
    ['switched off', mapping({ attempts: 3 }, 'disabled'), 'disabled', false],
  ])('with %s', (_, status, condition, blocked) => {
    expect([conditionOf(status), isBlocked(status)]).toEqual([condition, blocked]);
  });
});
