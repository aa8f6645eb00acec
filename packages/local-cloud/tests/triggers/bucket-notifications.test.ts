import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { BucketTrigger, S3ObjectEvent } from '../../src/ports.ts';
import { type CloudState, openState } from '../../src/state.ts';
import { encodeKey, notificationEvent } from '../../src/triggers/s3/event.ts';
import { createBucketNotifications } from '../../src/triggers/s3/notifications.ts';
import { sample, shape } from './shape.ts';

const PUT: S3ObjectEvent = {
  name: 'ObjectCreated:Put',
  bucket: 'uploads',
  key: 'in/a b.png',
  size: 3,
  eTag: '0cc175b9c0f1b6a831c399e269772661',
  sequencer: '0055AED6DCD90281E5',
  time: Date.UTC(2026, 0, 5),
  sourceIp: '127.0.0.1',
  requestId: 'C3D13FE58DE4C810',
  hostId: 'FMyUVURIY8',
};
const REMOVED: S3ObjectEvent = { ...PUT, name: 'ObjectRemoved:Delete' };

let dir: string;
let state: CloudState;
let queued: { functionName: string; payload: string }[];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'millrace-notifications-'));
  state = openState(dir);
  queued = [];
});
afterEach(() => {
  state.close();
  rmSync(dir, { recursive: true });
});

function notifications() {
  const enqueue = (functionName: string, payload: string) => {
    queued.push({ functionName, payload });
    return { requestId: 'r' };
  };
  return createBucketNotifications({ state, async: { enqueue }, isAvailable: () => true });
}

const trigger = (change: Partial<BucketTrigger> = {}): BucketTrigger => ({
  kind: 's3',
  functionName: 'process',
  bucket: 'uploads',
  event: 's3:ObjectCreated:*',
  ...change,
});

it('writes the event of an object that was stored as AWS does', () => {
  expect(shape(notificationEvent(PUT, 'configuration'))).toEqual(shape(sample('s3-put')));
  expect(notificationEvent(PUT, 'configuration')).toMatchObject({
    Records: [{ eventName: 'ObjectCreated:Put', s3: { object: { key: 'in/a+b.png', size: 3 } } }],
  });
});

it('writes neither size nor entity tag of an object that was removed', () => {
  const event = notificationEvent({ ...REMOVED, versionId: 'v1' }, 'configuration');
  expect(event).toMatchObject({
    Records: [{ s3: { object: { key: 'in/a+b.png', versionId: 'v1', sequencer: PUT.sequencer } } }],
  });
  expect(JSON.stringify(event)).not.toMatch(/"size"|"eTag"/);
});

it.each([
  ['사진 #1 (50%)+.jpg', '%EC%82%AC%EC%A7%84+%231+%2850%25%29%2B.jpg'],
  ['a/b_c-d.e*f', 'a/b_c-d.e*f'],
  ["it's!~", 'it%27s%21%7E'],
])('form-encodes the key %s', (key, encoded) => {
  expect(encodeKey(key)).toBe(encoded);
  expect(decodeURIComponent(encoded.replace(/\+/g, ' '))).toBe(key);
});

it.each<[string, Partial<BucketTrigger>, S3ObjectEvent, number]>([
  ['a wildcard takes every creation', {}, PUT, 1],
  ['a wildcard takes no removal', {}, REMOVED, 0],
  ['an exact name', { event: 's3:ObjectCreated:Put' }, PUT, 1],
  ['another exact name', { event: 's3:ObjectCreated:Copy' }, PUT, 0],
  ['a prefix and suffix that fit', { prefix: 'in/', suffix: '.png' }, PUT, 1],
  ['a prefix that does not fit', { prefix: 'out/' }, PUT, 0],
  ['a suffix that does not fit', { suffix: '.jpg' }, PUT, 0],
  ['another bucket', { bucket: 'media' }, PUT, 0],
])('%s', (_, change, event, count) => {
  const bucketNotifications = notifications();
  bucketNotifications.apply('files', [trigger(change)]);
  bucketNotifications.notify(event);
  expect(queued).toHaveLength(count);
});

it('queues for every function, but once per function', () => {
  const bucketNotifications = notifications();
  bucketNotifications.apply('files', [
    trigger(),
    trigger({ event: 's3:ObjectCreated:Put' }),
    trigger({ functionName: 'index' }),
  ]);
  bucketNotifications.notify(PUT);
  expect(queued.map((entry) => entry.functionName)).toEqual(['process', 'index']);
});

it('knows after a restart, before the service is back, what to notify', () => {
  notifications().apply('files', [trigger()]);
  const restarted = notifications();
  restarted.notify(PUT);
  expect(queued).toHaveLength(1);
  restarted.remove('files');
  notifications().notify(PUT);
  expect(queued).toHaveLength(1);
});
