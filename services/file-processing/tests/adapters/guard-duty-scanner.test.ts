import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { S3Client } from '@aws-sdk/client-s3';
import { expect, it } from 'vitest';
import { guardDutyScanner } from '../../src/adapters/guard-duty-scanner.ts';
import { UploadGone } from '../../src/domain/processor.ts';
import { memoryUpload } from '../model/bench.ts';

const upload = memoryUpload(Buffer.from('bytes'));
const key = 'GuardDutyMalwareScanStatus';

it.each([
  ['NO_THREATS_FOUND', { kind: 'clean' }],
  ['THREATS_FOUND', { kind: 'infected', name: 'GuardDuty' }],
  ['UNSUPPORTED', { kind: 'unscannable', why: 'unsupported' }],
])('reads %s from the tag', async (value, result) => {
  await using s3 = await s3With({ other: 'tag', [key]: value });
  expect(await guardDutyScanner(s3.client).scan(upload)).toEqual(result);
});

it('knows no answer while there is no tag', async () => {
  await using s3 = await s3With({ other: 'NO_THREATS_FOUND' });
  expect(await guardDutyScanner(s3.client).scan(upload)).toEqual({ kind: 'pending' });
});

it.each(['ACCESS_DENIED', 'FAILED', 'NO_THREATS_FOUND ', ''])(
  'leaves %j to an operator',
  async (value) => {
    await using s3 = await s3With({ [key]: value });
    await expect(guardDutyScanner(s3.client).scan(upload)).rejects.toMatchObject({
      name: 'PermanentError',
      code: 'scan_failed',
    });
  },
);

it('takes no tag of another version', async () => {
  await using s3 = await s3With({ [key]: 'NO_THREATS_FOUND' }, '"another"');
  await expect(guardDutyScanner(s3.client).scan(upload)).rejects.toThrow(UploadGone);
});

it('asks for the version after it has read the tags', async () => {
  await using s3 = await s3With({ [key]: 'NO_THREATS_FOUND' });
  await guardDutyScanner(s3.client).scan(upload);
  expect(s3.requests).toEqual(['GET', 'HEAD']);
});

/** Answers GetObjectTagging and a conditional HeadObject as S3 does. */
async function s3With(tags: Readonly<Record<string, string>>, eTag = '"e"') {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(request.method ?? '');
    if (request.method === 'HEAD') {
      response.statusCode = request.headers['if-match'] === eTag ? 200 : 412;
      response.setHeader('etag', eTag).end();
      return;
    }
    const set = Object.entries(tags).map(
      ([name, value]) => `<Tag><Key>${name}</Key><Value>${value}</Value></Tag>`,
    );
    response.end(`<Tagging><TagSet>${set.join('')}</TagSet></Tagging>`);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = new S3Client({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    forcePathStyle: true,
  });
  return {
    client,
    requests,
    async [Symbol.asyncDispose]() {
      client.destroy();
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
