import { readFileSync, writeFileSync } from 'node:fs';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient, GetCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { eventually, testStack } from '@millrace/local-cloud/testing';
import type { FileItem } from '@millrace/types';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dynamoMediaJobs } from '../../src/adapters/dynamo-media-jobs.ts';
import { fileIdentity } from '../../src/domain/file-identity.ts';
import {
  type Clips,
  H264,
  hasFfmpeg,
  openClips,
  picture,
  probeBytes,
  sound,
} from '../processors/media/clips.ts';
import { jobsContract } from '../processors/media/jobs-contract.ts';

const UPLOADS = 'millrace-local-uploads';
const MEDIA = 'millrace-local-media';
const PARTS = 'millrace-local-media-parts';

const stack = testStack('file-processing');
const s3 = stack.client(S3Client);
const dynamoDb = stack.client(DynamoDBClient);
const documents = DynamoDBDocumentClient.from(dynamoDb);
let clips: Clips;

beforeAll(async () => {
  clips = await openClips();
});
afterAll(() => clips?.close());

async function put(Key: string, name: string, ContentType: string) {
  const Body = readFileSync(clips.path(name));
  await s3.send(new PutObjectCommand({ Bucket: UPLOADS, Key, Body, ContentType }));
}

async function record(key: string): Promise<FileItem | undefined> {
  const { tenant, fileId } = fileIdentity(UPLOADS, key);
  const { Item } = await documents.send(
    new GetCommand({
      TableName: 'millrace-local-files',
      Key: { tenant, fileId },
      ConsistentRead: true,
    }),
  );
  return Item as FileItem | undefined;
}

const verdict = (key: string): Promise<FileItem> =>
  eventually(
    () => record(key),
    (item): item is FileItem => ['ready', 'rejected', 'failed'].includes(item?.status ?? ''),
    { timeoutMs: 100_000 },
  );

/** Resolves when no video has parts that are worked on. */
const noParts = () =>
  eventually(
    () => documents.send(new ScanCommand({ TableName: PARTS })),
    ({ Items }) => Items?.length === 0,
  );

async function made(key: string): Promise<string[]> {
  const { tenant, fileId } = fileIdentity(UPLOADS, key);
  const Prefix = `${tenant}/${fileId}/`;
  const page = await s3.send(new ListObjectsV2Command({ Bucket: MEDIA, Prefix }));
  return (page.Contents ?? []).map(({ Key = '' }) =>
    Key.slice(Key.indexOf('/', Prefix.length) + 1),
  );
}

async function read(item: FileItem, name: string): Promise<Uint8Array> {
  const rendition = item.renditions?.find((one) => one.name === name);
  const { Body } = await s3.send(
    new GetObjectCommand({ Bucket: rendition?.bucket, Key: rendition?.key }),
  );
  return (await Body?.transformToByteArray()) ?? new Uint8Array();
}

describe.skipIf(!hasFfmpeg)('an uploaded video', { timeout: 120_000 }, () => {
  it('that is short is done at once', async () => {
    clips.make('short.mp4', ...picture(2), ...sound(2), ...H264, '-c:a', 'aac');
    await put('휴가 #1.mp4', 'short.mp4', 'video/mp4');
    const item = await verdict('휴가 #1.mp4');
    expect(item).toMatchObject({ status: 'ready', kind: 'media', media: { durationSeconds: 2 } });
    expect(item.renditions?.map(({ name }) => name)).toEqual([
      ...['poster-1', 'poster-2', 'poster-3', '240p', 'hls/master', 'audio'],
    ]);
    expect(probeBytes(await read(item, '240p'), '-count_frames').streams).toMatchObject([
      { codec_name: 'h264', nb_read_frames: '50' },
      { codec_name: 'aac' },
    ]);
  });

  it('that is long is transcoded in parts by several invocations and joined', async () => {
    clips.make('long.mp4', ...picture(65, '64x48', '10'), ...sound(65), ...H264, '-c:a', 'aac');
    await put('long.mp4', 'long.mp4', 'video/mp4');
    const item = await verdict('long.mp4');
    expect(item).toMatchObject({ status: 'ready', media: { durationSeconds: 65 } });
    expect(item).not.toHaveProperty('progress.percent');
    const { streams } = probeBytes(await read(item, '240p'), '-count_frames');
    expect(streams).toMatchObject([{ nb_read_frames: '650' }, { codec_name: 'aac' }]);
    const keys = await made('long.mp4');
    expect(keys.filter((key) => /^hls\/240p\/\d+\.ts$/.test(key))).toHaveLength(11);
    await noParts();
  });

  it('that is removed while it is worked on leaves nothing', async () => {
    clips.make('removed.mp4', ...picture(70, '64x48', '10'), ...H264);
    await put('removed.mp4', 'removed.mp4', 'video/mp4');
    await eventually(
      () => record('removed.mp4'),
      (item) => item?.progress?.stage === 'processing',
      { everyMs: 20 },
    );
    await s3.send(new DeleteObjectCommand({ Bucket: UPLOADS, Key: 'removed.mp4' }));
    await eventually(
      async () => [await record('removed.mp4'), ...(await made('removed.mp4'))],
      ([item, ...keys]) => item === undefined && keys.length === 0,
      { timeoutMs: 60_000 },
    );
    await noParts();
    expect(await record('removed.mp4')).toBeUndefined();
    expect(await made('removed.mp4')).toEqual([]);
  });

  it('that is cut off is rejected with a reason', async () => {
    clips.make('whole.mp4', ...picture(3), ...H264, '-movflags', 'faststart');
    const whole = readFileSync(clips.path('whole.mp4'));
    writeFileSync(clips.path('cut.mp4'), whole.subarray(0, whole.length / 3));
    await put('cut.mp4', 'cut.mp4', 'video/mp4');
    const item = await verdict('cut.mp4');
    expect(item).toMatchObject({ status: 'rejected', reason: { code: 'corrupt_media' } });
    expect(await made('cut.mp4')).toEqual([]);
  });
});

describe('the table of parts', () => {
  jobsContract(() => dynamoMediaJobs({ client: dynamoDb, table: PARTS }));
});
