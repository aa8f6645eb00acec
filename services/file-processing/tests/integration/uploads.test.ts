import { isDeepStrictEqual } from 'node:util';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { eventually, testStack } from '@millrace/local-cloud/testing';
import { comparableSequencer, type FileItem } from '@millrace/types';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { routerAdapters } from '../../src/adapters/index.ts';
import { fileIdentity } from '../../src/domain/file-identity.ts';
import { kinds } from '../../src/domain/kinds.ts';
import type { UploadedVersion } from '../../src/domain/object-change.ts';
import { removeDerived } from '../../src/domain/remove-derived.ts';
import { routeUpload } from '../../src/domain/route-upload.ts';
import { fileRecordsContract } from '../model/file-records-contract.ts';
import { colourAt, noise, twoColoured } from '../model/pictures.ts';

const UPLOADS = 'millrace-local-uploads';
const MEDIA = 'millrace-local-media';
const QUARANTINE = 'millrace-local-quarantine';
const FILES = 'millrace-local-files';

const stack = testStack('file-processing');
const s3 = stack.client(S3Client);
const documents = DynamoDBDocumentClient.from(stack.client(DynamoDBClient));
let ports: ReturnType<typeof routerAdapters> & { kinds: typeof kinds };

beforeAll(() => {
  // As the function has it: the SDK finds the endpoint and the credentials by itself.
  vi.stubEnv('AWS_ENDPOINT_URL', stack.edgeUrl);
  vi.stubEnv('AWS_REGION', 'us-east-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'millrace');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'millrace');
  ports = {
    kinds,
    ...routerAdapters({
      FILES_TABLE: FILES,
      REMOVALS_TABLE: 'millrace-local-file-removals',
      MEDIA_BUCKET: MEDIA,
      QUARANTINE_BUCKET: QUARANTINE,
      LAKE_BUCKET: 'millrace-local-lake',
      SEARCH_TABLE: 'millrace-local-search',
      WORK_QUEUES: '{}',
    }),
  };
});

afterAll(() => void vi.unstubAllEnvs());

async function put(Key: string, Body: Uint8Array, ContentType = 'image/jpeg') {
  await s3.send(new PutObjectCommand({ Bucket: UPLOADS, Key, Body, ContentType }));
}

async function record(key: string): Promise<FileItem | undefined> {
  const { tenant, fileId } = fileIdentity(UPLOADS, key);
  const { Item } = await documents.send(
    new GetCommand({ TableName: FILES, Key: { tenant, fileId }, ConsistentRead: true }),
  );
  return Item as FileItem | undefined;
}

const verdict = (key: string): Promise<FileItem> =>
  eventually(
    () => record(key),
    (item): item is FileItem => item?.status === 'ready' || item?.status === 'rejected',
  );

async function listed(Bucket: string, key: string): Promise<string[]> {
  const { tenant, fileId } = fileIdentity(UPLOADS, key);
  const page = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: `${tenant}/${fileId}/` }));
  return (page.Contents ?? []).map(({ Key }) => Key ?? '');
}

/** Resolves when exactly these objects of an upload lie in the bucket. */
const holds = (Bucket: string, key: string, keys: readonly string[] = []) =>
  eventually(
    () => listed(Bucket, key),
    (found) => isDeepStrictEqual(found, keys),
  );

async function read(Bucket: string, Key: string): Promise<Uint8Array> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
  return (await Body?.transformToByteArray()) ?? new Uint8Array();
}

describe('an uploaded picture', () => {
  it('with an odd name and an EXIF orientation becomes three upright renditions', async () => {
    const key = '사진 #1 (50%)+.jpg';
    const turned = await (await twoColoured(1600, 1400)).withMetadata({ orientation: 6 }).jpeg();
    await put(key, await turned.toBuffer());
    const item = await verdict(key);
    expect(item).toMatchObject({
      ...{ tenant: 'default', name: key, key, bucket: UPLOADS, status: 'ready' },
      ...{ declaredType: 'image/jpeg', detectedType: 'image/jpeg' },
      image: { format: 'jpeg', width: 1400, height: 1600 },
    });
    expect(item.renditions?.map(({ name }) => name)).toEqual([
      ...['w1280', 'w640', 'w200', 'w640-jpeg'],
    ]);
    for (const { bucket, key: rendition, ...stored } of item.renditions ?? []) {
      const { width, height = 0, size, contentType } = stored;
      const bytes = await read(bucket, rendition);
      expect(bytes.length).toBe(size);
      expect(await sharp(bytes).metadata()).toMatchObject({
        ...{ format: contentType.replace('image/', ''), width, height },
      });
      expect(await colourAt(bytes, 5, 2)).toBe('red');
      expect(await colourAt(bytes, 5, height - 3)).toBe('blue');
    }
  });

  it.each(['🙂 \u202egnp.exe\u202c #%+&.jpg', 'a\u0001b\uffff.jpg', `${'가'.repeat(340)}.jpg`])(
    'is processed whatever its name is: %j',
    async (key) => {
      await put(key, await noise(20, 20));
      expect(await verdict(key)).toMatchObject({ status: 'ready', key });
    },
  );

  it('that the API announced keeps what the API wrote', async () => {
    const fileId = '0199f1de-7d5f-7cc0-8bd4-6a6f0a4b1a55';
    const key = `acme/${fileId}/cat.png`;
    const announced = {
      ...{ tenant: 'acme', fileId, name: 'Cat.png', bucket: UPLOADS, key },
      ...{ status: 'awaiting-upload', declaredType: 'image/png' },
      ...{ createdAt: '2026-11-23T08:00:00.000Z', updatedAt: '2026-11-23T08:00:00.000Z' },
    };
    await documents.send(new PutCommand({ TableName: FILES, Item: announced }));
    await put(key, await noise(300, 300), 'image/png');
    expect(await verdict(key)).toMatchObject({
      ...{ tenant: 'acme', fileId, name: 'Cat.png', createdAt: announced.createdAt },
      ...{ declaredType: 'image/png', detectedType: 'image/jpeg', typeMismatch: true },
    });
  });
});

describe('what is no picture', () => {
  it.each([
    ['text named .jpg', Buffer.from('not a picture'), 'type_mismatch'],
    ['one byte', Buffer.from([0]), 'unsupported_type'],
    ['nothing', new Uint8Array(), 'empty_file'],
    [
      'a drawing with an element that no header can name',
      Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><한글/></svg>'),
      'unsafe_svg',
    ],
  ])('is rejected with a reason and kept aside: %s', async (name, bytes, code) => {
    const key = `bad/${name}.jpg`;
    await put(key, bytes);
    expect(await verdict(key)).toMatchObject({ status: 'rejected', reason: { code } });
    const [kept = ''] = await listed(QUARANTINE, key);
    expect(Buffer.from(await read(QUARANTINE, kept)).equals(bytes)).toBe(true);
    const head = await s3.send(new HeadObjectCommand({ Bucket: QUARANTINE, Key: kept }));
    expect(head.Metadata).toMatchObject({ 'reason-code': code });
    expect(await listed(MEDIA, key)).toEqual([]);
  });

  it('is rejected where it is cut off', async () => {
    const picture = await noise(900, 600);
    await put('bad/cut.jpg', picture.subarray(0, picture.length / 2));
    expect(await verdict('bad/cut.jpg')).toMatchObject({ reason: { code: 'corrupt_image' } });
  });
});

describe('another version', () => {
  it('takes the place of the older one, whose renditions go', async () => {
    const key = 'again.jpg';
    await put(key, await noise(400, 100));
    const first = await verdict(key);
    await put(key, await noise(500, 100));
    const second = await eventually(
      () => record(key),
      (item) => item?.status === 'ready' && item.image?.width === 500,
    );
    await holds(
      MEDIA,
      key,
      second?.renditions?.map((one) => one.key),
    );
    expect((await record(key))?.createdAt).toBe(first.createdAt);
  });

  it('that is a rejected one leaves no renditions behind', async () => {
    const key = 'worse.jpg';
    await put(key, await noise(250, 100));
    await verdict(key);
    await put(key, Buffer.from('oops'));
    await eventually(
      () => record(key),
      (item) => item?.status === 'rejected' && item.replaced === true,
    );
    await holds(MEDIA, key);
    expect(await record(key)).not.toHaveProperty('image');
  });

  it('gives one result when the events are doubled and out of order', async () => {
    const key = 'shuffled.jpg';
    await put(key, await noise(230, 100));
    const first = versionOf(await verdict(key));
    await put(key, await noise(240, 100));
    await eventually(
      () => record(key),
      (item) => item?.image?.width === 240,
    );
    const second = versionOf(await verdict(key));
    const events = [first, second, first, second, second, first];
    const outcomes = await Promise.all(events.map((event) => routeUpload(event, ports)));
    expect(new Set(outcomes)).toEqual(new Set(['superseded', 'duplicate']));
    const item = await verdict(key);
    expect(item).toMatchObject({ image: { width: 240 } });
    expect(await listed(MEDIA, key)).toEqual(item.renditions?.map((one) => one.key));
  });
});

describe('a removed upload', () => {
  it('takes everything with it, and no late event brings it back', async () => {
    const key = 'gone/soon.jpg';
    await put(key, await noise(320, 200));
    const version = versionOf(await verdict(key));
    await s3.send(new DeleteObjectCommand({ Bucket: UPLOADS, Key: key }));
    await eventually(
      () => record(key),
      (item) => item === undefined,
    );
    await holds(MEDIA, key);
    expect(await routeUpload(version, ports)).toBe('superseded');
    expect(await record(key)).toBeUndefined();
    await put(key, await noise(320, 200));
    expect(await verdict(key)).toMatchObject({ status: 'ready' });
  });

  it('stays when the event of an older removal comes late', async () => {
    const key = 'stays.jpg';
    await put(key, await noise(210, 100));
    const version = versionOf(await verdict(key));
    const older = { ...version, sequencer: '00', order: comparableSequencer('00') };
    await removeDerived(older, ports);
    expect(await listed(MEDIA, key)).toHaveLength(1);
    expect(await record(key)).toMatchObject({ status: 'ready' });
  });
});

fileRecordsContract(() => ports.files);

/** The event's facts, as the record keeps them. */
function versionOf({ bucket, key, eTag = '', size = 0, sequencer: order = '' }: FileItem) {
  const sequencer = order.replace(/0+$/, '');
  const happenedAt = '2026-11-23T09:00:00.000Z';
  return { bucket, key, eTag, size, order, sequencer, happenedAt } satisfies UploadedVersion;
}
