import { describe, expect, test } from 'vitest';
import { eventIdsOf } from '../src/event-ids.ts';

describe('eventIdsOf', () => {
  test.each([
    [
      'stream records',
      { Records: [{ eventID: 'shardId-0:1' }, { eventID: 'shardId-0:2' }] },
      ['shardId-0:1', 'shardId-0:2'],
    ],
    ['queue messages', { Records: [{ messageId: 'm-1' }] }, ['m-1']],
    [
      'S3 notifications',
      { Records: [{ s3: { object: { sequencer: '0055AED6' } } }] },
      ['0055AED6'],
    ],
    ['SNS', { Records: [{ Sns: { MessageId: 's-1' } }] }, ['s-1']],
    ['API requests', { requestContext: { requestId: 'r-1' } }, ['r-1']],
    ['schedules', { id: 'e-1' }, ['e-1']],
    ['IoT messages', { traceId: 't-1', deviceId: 'd' }, ['t-1']],
    ['anything else', 'text', []],
  ])('%s', (_kind, event, ids) => {
    expect(eventIdsOf(event)).toEqual(ids);
  });

  test('names 20 of a large batch', () => {
    const Records = Array.from({ length: 10_000 }, (_, n) => ({ eventID: `e:${n}` }));
    expect(eventIdsOf({ Records })).toHaveLength(20);
  });
});
