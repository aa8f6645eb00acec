import {
  CreateMultipartUploadCommand,
  DeleteBucketLifecycleCommand,
  GetBucketLifecycleConfigurationCommand,
  GetObjectCommand,
  HeadObjectCommand,
  type LifecycleRule,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketLifecycleConfigurationCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { createMovableClock, type MovableClock } from '../../src/movable-clock.ts';
import { midnightAfter } from '../../src/s3/lifecycle-rules.ts';
import { failureOf, type Harness, startS3 } from './harness.ts';

const DAY = 86_400_000;
const START = Date.UTC(2026, 0, 15, 10, 30);

let clock: MovableClock;
let s3: Harness;
let client: S3Client;
beforeEach(async () => {
  const begun = Date.now();
  clock = createMovableClock({ ...systemClock, now: () => START + Date.now() - begun });
  s3 = await startS3({ clock });
  client = s3.client();
});
afterEach(() => s3.stop());

const putRules = (Bucket: string, Rules: LifecycleRule[]) =>
  client.send(
    new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules } }),
  );

const put = (Bucket: string, Key: string, Body = 'x', Tagging?: string) =>
  client.send(new PutObjectCommand({ Bucket, Key, Body, ...(Tagging && { Tagging }) }));

async function keys(Bucket: string): Promise<string[]> {
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket }));
  return Contents.map(({ Key }) => Key ?? '');
}

async function versions(Bucket: string): Promise<string[]> {
  const answer = await client.send(new ListObjectVersionsCommand({ Bucket }));
  const marker = (answer.DeleteMarkers ?? []).map(({ Key }) => `${Key} marker`);
  return [
    ...(answer.Versions ?? []).map(({ Key, Size }) => `${Key} ${Size}`),
    ...marker,
  ].toSorted();
}

const events = () =>
  s3.events
    .filter(({ name }) => name.startsWith('Lifecycle'))
    .map(({ name, key }) => `${name} ${key}`);

/** To the second before midnight, when nothing may have happened yet, and over it. */
async function pass(days: number, before: () => Promise<void>): Promise<void> {
  clock.advance(midnightAfter(START, days) - clock.now() - 1_000);
  await new Promise((resolve) => setTimeout(resolve, 30));
  await before();
  clock.advance(2_000);
}

const expire = (more: Partial<LifecycleRule>): LifecycleRule => ({
  ID: 'rule',
  Status: 'Enabled',
  Filter: { Prefix: '' },
  ...more,
});

it('expires objects at the midnight after their days, and says so beforehand', async () => {
  s3.engine.createBucket('logs');
  await putRules('logs', [
    expire({ ID: 'week 1', Filter: { Prefix: 'tmp/' }, Expiration: { Days: 7 } }),
    expire({ ID: 'off', Status: 'Disabled', Expiration: { Days: 1 } }),
  ]);
  const told = 'expiry-date="Fri, 23 Jan 2026 00:00:00 GMT", rule-id="week%201"';
  expect((await put('logs', 'tmp/a b')).Expiration).toBe(told);
  expect((await put('logs', 'kept')).Expiration).toBeUndefined();
  const named = { Bucket: 'logs', Key: 'tmp/a b' };
  expect((await client.send(new HeadObjectCommand(named))).Expiration).toBe(told);
  const read = await client.send(new GetObjectCommand(named));
  expect([await read.Body?.transformToString(), read.Expiration]).toEqual(['x', told]);

  await pass(7, async () => expect(await keys('logs')).toEqual(['kept', 'tmp/a b']));
  await expect.poll(() => keys('logs')).toEqual(['kept']);
  expect(events()).toEqual(['LifecycleExpiration:Delete tmp/a b']);
  const [event] = s3.events.filter(({ name }) => name.startsWith('Lifecycle'));
  expect(event).toMatchObject({ bucket: 'logs', sourceIp: 's3.amazonaws.com' });
  const creation = s3.events.find(({ key }) => key === 'tmp/a b');
  expect((event?.sequencer ?? '') > (creation?.sequencer ?? '~')).toBe(true);
});

it('misses no midnight that comes while it is at work', async () => {
  const ended: string[] = [];
  const busy = await startS3({
    clock,
    onEvent({ name, key }) {
      if (!name.startsWith('Lifecycle')) return;
      ended.push(key);
      // The bucket before this one has been gone through.
      if (key === 'tomorrow') clock.advance(5 * DAY);
    },
  });
  try {
    for (const [bucket, key, Days] of [
      ['aaa', 'later', 3],
      ['bbb', 'tomorrow', 1],
    ] as const) {
      busy.engine.createBucket(bucket);
      const LifecycleConfiguration = { Rules: [expire({ Expiration: { Days } })] };
      const rules = { Bucket: bucket, LifecycleConfiguration };
      await busy.client().send(new PutBucketLifecycleConfigurationCommand(rules));
      await busy.client().send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: 'x' }));
    }
    clock.advance(2 * DAY);
    await expect.poll(() => ended).toEqual(['tomorrow', 'later']);
  } finally {
    await busy.stop();
  }
});

it('matches by tags and size, all of them together', async () => {
  s3.engine.createBucket('filtered');
  const Tags = [
    { Key: 'class', Value: 'raw' },
    { Key: 'team', Value: 'mill' },
  ];
  await putRules('filtered', [
    expire({
      Filter: { And: { Prefix: 'in/', Tags, ObjectSizeGreaterThan: 2, ObjectSizeLessThan: 5 } },
      Expiration: { Days: 1 },
    }),
    expire({ ID: 'tag', Filter: { Tag: { Key: 'short', Value: 'yes' } }, Expiration: { Days: 1 } }),
  ]);
  const both = 'class=raw&team=mill';
  await put('filtered', 'in/hit', 'xxx', both);
  await put('filtered', 'in/one tag', 'xxx', 'class=raw');
  await put('filtered', 'in/small', 'xx', both);
  await put('filtered', 'in/large', 'xxxxx', both);
  await put('filtered', 'out', 'xxx', both);
  await put('filtered', 'short', 'x', 'short=yes');
  clock.advance(3 * DAY);
  await expect.poll(() => keys('filtered')).toEqual(['in/large', 'in/one tag', 'in/small', 'out']);
});

it('ends what a new rule ends already, by date', async () => {
  s3.engine.createBucket('dated');
  await put('dated', 'a');
  await putRules('dated', [expire({ Expiration: { Date: new Date(Date.UTC(2026, 0, 15)) } })]);
  await expect.poll(() => keys('dated')).toEqual([]);
});

it('puts a delete marker on a version, and ends noncurrent versions and lone markers', async () => {
  s3.engine.createBucket('versioned', { versioning: true });
  await putRules('versioned', [
    expire({
      Expiration: { Days: 30 },
      NoncurrentVersionExpiration: { NoncurrentDays: 10, NewerNoncurrentVersions: 1 },
    }),
  ]);
  for (const body of ['1', '22', '333', '4444']) await put('versioned', 'a', body);
  clock.advance(11 * DAY);
  // Of the noncurrent ones the newest stays, however old it is.
  await expect.poll(() => versions('versioned')).toEqual(['a 3', 'a 4']);
  clock.advance(20 * DAY);
  // The marker has made another one noncurrent.
  await expect.poll(() => versions('versioned')).toEqual(['a 4', 'a marker']);
  expect(events()).toEqual([
    'LifecycleExpiration:Delete a',
    'LifecycleExpiration:Delete a',
    'LifecycleExpiration:DeleteMarkerCreated a',
    'LifecycleExpiration:Delete a',
  ]);
  await putRules('versioned', [
    expire({ Expiration: { ExpiredObjectDeleteMarker: true } }),
    expire({ ID: 'old', NoncurrentVersionExpiration: { NoncurrentDays: 1 } }),
  ]);
  clock.advance(3 * DAY);
  await expect.poll(() => versions('versioned')).toEqual(['a marker']);
  clock.advance(DAY);
  await expect.poll(() => versions('versioned')).toEqual([]);
});

it('replaces the null version of a suspended bucket by a marker', async () => {
  s3.engine.createBucket('suspended', { versioning: true });
  await put('suspended', 'a', '1');
  s3.engine.createBucket('suspended');
  await put('suspended', 'a', '22');
  await putRules('suspended', [expire({ Expiration: { Days: 1 } })]);
  clock.advance(2 * DAY);
  await expect.poll(() => versions('suspended')).toEqual(['a 1', 'a marker']);
});

it('aborts uploads that nobody completes', async () => {
  s3.engine.createBucket('uploads');
  await putRules('uploads', [
    expire({
      Filter: { Prefix: 'in/' },
      AbortIncompleteMultipartUpload: { DaysAfterInitiation: 3 },
    }),
  ]);
  const uploads = async () => {
    const answer = await client.send(new ListMultipartUploadsCommand({ Bucket: 'uploads' }));
    return (answer.Uploads ?? []).map(({ Key }) => Key);
  };
  const begin = async (Key: string) => {
    const named = { Bucket: 'uploads', Key };
    const { UploadId } = await client.send(new CreateMultipartUploadCommand(named));
    await client.send(new UploadPartCommand({ ...named, UploadId, PartNumber: 1, Body: 'part' }));
  };
  await begin('in/a');
  await begin('out');
  await pass(3, async () => expect(await uploads()).toEqual(['in/a', 'out']));
  await expect.poll(uploads).toEqual(['out']);
});

it('keeps the rules as they were put, over a restart, and refuses wrong ones', async () => {
  s3.engine.createBucket('rules');
  const get = new GetBucketLifecycleConfigurationCommand({ Bucket: 'rules' });
  expect(await failureOf(client.send(get))).toMatchObject({
    name: 'NoSuchLifecycleConfiguration',
    status: 404,
  });
  const Rules: LifecycleRule[] = [
    expire({ ID: 'a', Expiration: { Date: new Date(Date.UTC(2030, 0, 1)) } }),
    expire({
      ID: 'b',
      Status: 'Disabled',
      Filter: { And: { Prefix: 'p & q/', Tags: [{ Key: 'k', Value: '<v>' }] } },
      NoncurrentVersionExpiration: { NoncurrentDays: 5, NewerNoncurrentVersions: 3 },
      Transitions: [{ Days: 30, StorageClass: 'GLACIER' }],
    }),
    expire({ ID: 'c', AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 } }),
    expire({ ID: 'd', Filter: { ObjectSizeGreaterThan: 5 }, Expiration: { Days: 5 } }),
  ];
  await putRules('rules', Rules);
  expect((await client.send(get)).Rules).toEqual(Rules);
  await s3.stop({ keepState: true });
  s3 = await startS3({ clock, dir: s3.dir });
  client = s3.client();
  expect((await client.send(get)).Rules).toEqual(Rules);

  const wrong: Partial<LifecycleRule>[] = [
    { Expiration: { Days: 0 } },
    { Expiration: { Date: new Date(Date.UTC(2030, 0, 1, 12)) } },
    {},
    { NoncurrentVersionExpiration: { NoncurrentDays: -1 } },
    { Expiration: { Days: 1, ExpiredObjectDeleteMarker: true } },
    { ID: 'x'.repeat(256), Expiration: { Days: 1 } },
    {
      Filter: { Tag: { Key: 'a', Value: 'b' } },
      AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
    },
  ];
  for (const more of wrong) {
    expect(await failureOf(putRules('rules', [expire(more)]))).toMatchObject({ status: 400 });
  }
  const twice = [expire({ Expiration: { Days: 1 } }), expire({ Expiration: { Days: 2 } })];
  expect(await failureOf(putRules('rules', twice))).toMatchObject({ name: 'InvalidArgument' });
  await client.send(new DeleteBucketLifecycleCommand({ Bucket: 'rules' }));
  expect(await failureOf(client.send(get))).toMatchObject({ status: 404 });
});

it('goes through a bucket of many pages, and through one key of many versions', async () => {
  s3.engine.createBucket('many', { versioning: true });
  await putRules('many', [
    expire({ NoncurrentVersionExpiration: { NoncurrentDays: 1 }, Expiration: { Days: 400 } }),
  ]);
  for (let n = 0; n < 1_300; n += 50) {
    await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        put('many', `k${(n + index) % 7 ? 'one' : n + index}`),
      ),
    );
  }
  const before = (await keys('many')).length;
  clock.advance(3 * DAY);
  const rows = () =>
    Number(
      s3.state.db.prepare("SELECT count(*) AS n FROM s3_versions WHERE bucket = 'many'").get()?.n,
    );
  await expect.poll(rows, { timeout: 10_000 }).toBe(before);
  expect((await keys('many')).length).toBe(before);
});

it('rounds up to the next midnight, never down', () => {
  fc.assert(
    fc.property(fc.nat(5_000 * DAY), fc.integer({ min: 1, max: 3_650 }), (created, days) => {
      const end = midnightAfter(created, days);
      expect(end % DAY).toBe(0);
      expect(end - created).toBeGreaterThan(days * DAY);
      expect(end - created).toBeLessThanOrEqual((days + 1) * DAY);
    }),
  );
});
