import { describe, expect, it } from 'vitest';
import { removals, writtenVersions } from '../../src/adapters/s3-notification.ts';

/** As S3 sends it (from its user guide, "Event message structure"), with another key. */
function notification(eventName: string, object: Record<string, unknown>) {
  return {
    Records: [
      {
        eventVersion: '2.1',
        eventSource: 'aws:s3',
        awsRegion: 'us-west-2',
        eventTime: '1970-01-01T00:00:00.000Z',
        eventName,
        userIdentity: { principalId: 'AIDAJDPLRKLG7UEXAMPLE' },
        requestParameters: { sourceIPAddress: '127.0.0.1' },
        responseElements: { 'x-amz-request-id': 'C3D13FE58DE4C810', 'x-amz-id-2': 'FMyUVURIY8' },
        s3: {
          s3SchemaVersion: '1.0',
          configurationId: 'testConfigRule',
          bucket: {
            name: 'amzn-s3-demo-bucket',
            ownerIdentity: { principalId: 'A3NL1KOZZKExample' },
            arn: 'arn:aws:s3:::amzn-s3-demo-bucket',
          },
          object,
        },
      },
    ],
  };
}
const object = {
  key: '%EC%82%AC%EC%A7%84+%231+%2850%25%29%2B.jpg',
  size: 1024,
  eTag: 'd41d8cd98f00b204e9800998ecf8427e',
  sequencer: '0055AED6DCD90281E5',
};

describe('a notification', () => {
  it('names the written version by its decoded key', () => {
    expect(writtenVersions(notification('ObjectCreated:Put', object))).toEqual([
      {
        bucket: 'amzn-s3-demo-bucket',
        key: '사진 #1 (50%)+.jpg',
        happenedAt: '1970-01-01T00:00:00.000Z',
        sequencer: '0055AED6DCD90281E5',
        order: '0055AED6DCD90281E5'.padEnd(64, '0'),
        eTag: 'd41d8cd98f00b204e9800998ecf8427e',
        size: 1024,
      },
    ]);
  });

  it('of a removal has no size and no ETag', () => {
    const { key, sequencer } = object;
    const event = notification('ObjectRemoved:Delete', { key, sequencer });
    expect(removals(event)).toMatchObject([{ key: '사진 #1 (50%)+.jpg' }]);
    expect(writtenVersions(event)).toEqual([]);
  });

  it.each([
    ['nothing', undefined],
    ['no records', { Records: 'none' }],
    ['a key that is not UTF-8', notification('ObjectCreated:Put', { ...object, key: '%FF' })],
    ['no sequencer', notification('ObjectCreated:Put', { key: 'a', size: 1, eTag: 'e' })],
    ['no ETag', notification('ObjectCreated:Put', { key: 'a', sequencer: '01' })],
  ])('with %s is refused for good', (_case, event) => {
    expect(() => writtenVersions(event)).toThrow(
      expect.objectContaining({ name: 'PermanentError', code: 'notification_invalid' }),
    );
  });
});
