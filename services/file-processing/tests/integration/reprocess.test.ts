import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient, GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { eventually, testStack } from '@millrace/local-cloud/testing';
import type { FileItem } from '@millrace/types';
import { beforeAll, expect, it } from 'vitest';
import { fileIdentity } from '../../src/domain/file-identity.ts';
import { noise } from '../model/pictures.ts';

const UPLOADS = 'millrace-local-uploads';
const TableName = 'millrace-local-files';
const KEYS = ['old/1.jpg', 'old/2.jpg', 'old/3.jpg', 'other/1.jpg'];

const stack = testStack('file-processing');
const s3 = stack.client(S3Client);
const documents = DynamoDBDocumentClient.from(stack.client(DynamoDBClient));

const keyOf = (key: string) => {
  const { tenant, fileId } = fileIdentity(UPLOADS, key);
  return { tenant, fileId };
};

async function record(key: string): Promise<FileItem | undefined> {
  const { Item } = await documents.send(
    new GetCommand({ TableName, Key: keyOf(key), ConsistentRead: true }),
  );
  return Item as FileItem | undefined;
}

/** As if an older processor had made the result. */
async function age(key: string): Promise<void> {
  await documents.send(
    new UpdateCommand({
      TableName,
      Key: keyOf(key),
      UpdateExpression: 'SET processorVersion = :zero',
      ExpressionAttributeValues: { ':zero': 0 },
    }),
  );
}

async function reprocess(...args: string[]) {
  const program = join(import.meta.dirname, '../../../../packages/operations/src/main.ts');
  const child = spawn(process.execPath, [program, 'reprocess', '--json', '--yes', ...args], {
    env: { ...process.env, MILLRACE_EDGE_PORT: new URL(stack.edgeUrl).port },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr, [code]] = await Promise.all([
    ...[text(child.stdout), text(child.stderr)],
    once(child, 'close'),
  ] as const);
  return { code, stderr, report: JSON.parse(stdout) };
}

beforeAll(async () => {
  const Body = await noise(12, 8);
  for (const Key of KEYS) await s3.send(new PutObjectCommand({ Bucket: UPLOADS, Key, Body }));
  for (const key of KEYS) {
    await eventually(
      () => record(key),
      (file) => file?.status === 'ready',
    );
    await age(key);
  }
});

it('has files of a prefix done again by the deployed processors, and leaves the others', async () => {
  const before = await record('old/1.jpg');
  const counted = await reprocess('--prefix', 'old/', '--dry-run');
  expect(counted).toMatchObject({ code: 0, report: { total: 3 } });
  const { code, report, stderr } = await reprocess('--prefix', 'old/');
  expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining('3 of 3') });
  expect(report).toMatchObject({ total: 3, taken: 3, ready: 3, left: 0 });
  for (const key of KEYS.slice(0, 3)) {
    expect((await record(key))?.processorVersion).toBeGreaterThan(0);
  }
  expect((await record('other/1.jpg'))?.processorVersion).toBe(0);
  const after = await record('old/1.jpg');
  expect(after?.sequencer).toBe(before?.sequencer);
  expect(after?.renditions).toEqual(before?.renditions);
  expect(await reprocess('--prefix', 'old/')).toMatchObject({ code: 0, report: { total: 0 } });
  expect(await reprocess('--prefix', '')).toMatchObject({ code: 0, report: { taken: 1 } });
});
