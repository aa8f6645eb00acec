import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { Rule } from '../../rule.ts';
import type { Stage } from '../../stage/stage.ts';
import { same } from '../expectations.ts';
import { presignPutFor } from './presign.ts';
import { createBucket, putText, textOf } from './requests.ts';

const PAGE = 'https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html';
const Key = '사진 #1 (50%)+.jpg';
const LIFETIME_SECONDS = 60;

/** HTTP status and S3's error code, if there is one. */
async function answerTo(url: string, init: RequestInit = {}): Promise<string> {
  const response = await fetch(url, init);
  const [, code] = /<Code>(.*?)<\/Code>/.exec(await response.text()) ?? [];
  return code === undefined ? String(response.status) : `${response.status} ${code}`;
}

function presignPut(stage: Stage, Bucket: string, more: object = {}, options: object = {}) {
  const command = new PutObjectCommand({ Bucket, Key, ...more });
  return getSignedUrl(stage.clients.s3, command, { expiresIn: LIFETIME_SECONDS, ...options });
}

const put = (url: string, body: string, headers: Record<string, string> = {}) =>
  answerTo(url, { method: 'PUT', body, headers });

export const presignedUrlRules: readonly Rule[] = [
  {
    id: 's3/a-presigned-url-lets-its-holder-in',
    title: 'A presigned URL puts and gets an object without any other credential',
    page: PAGE,
    async run(stage) {
      const Bucket = await createBucket(stage);
      same(await put(await presignPut(stage, Bucket), 'picture'), '200', 'PUT');
      same(await textOf(stage, Bucket, Key), 'picture', 'the object');
      const url = await getSignedUrl(stage.clients.s3, new GetObjectCommand({ Bucket, Key }));
      const response = await fetch(url);
      same([response.status, await response.text()], [200, 'picture'], 'GET');
    },
  },
  {
    id: 's3/a-presigned-url-allows-one-method-and-one-key',
    title: 'Another method or another key breaks the signature: SignatureDoesNotMatch',
    page: PAGE,
    async run(stage) {
      const Bucket = await createBucket(stage);
      await putText(stage, Bucket, Key, 'old');
      const url = await presignPut(stage, Bucket);
      same(await answerTo(url), '403 SignatureDoesNotMatch', 'GET of a PUT URL');
      const other = url.replace('.jpg', '.png');
      same(await put(other, 'x'), '403 SignatureDoesNotMatch', 'PUT of another key');
      same(await answerTo(url, { method: 'DELETE' }), '403 SignatureDoesNotMatch', 'DELETE');
      same(await textOf(stage, Bucket, Key), 'old', 'the object');
    },
  },
  {
    id: 's3/a-presigned-url-cannot-be-prolonged',
    title: 'A changed signature, or a changed `X-Amz-Expires`, is refused',
    page: PAGE,
    async run(stage) {
      const Bucket = await createBucket(stage);
      const url = await presignPut(stage, Bucket);
      const changed = url.replace(/Signature=.{4}/, 'Signature=0000');
      same(await put(changed, 'x'), '403 SignatureDoesNotMatch', 'a changed signature');
      const longer = url.replace('X-Amz-Expires=60', 'X-Amz-Expires=600');
      same(await put(longer, 'x'), '403 SignatureDoesNotMatch', 'a longer life');
    },
  },
  {
    id: 's3/a-presigned-url-expires',
    title: 'A URL whose time has passed is refused: AccessDenied',
    page: PAGE,
    async run(stage) {
      const Bucket = await createBucket(stage);
      const signedLongAgo = new Date(Date.now() - (LIFETIME_SECONDS + 10) * 1000);
      const options = { signingDate: signedLongAgo };
      const url = await presignPut(stage, Bucket, {}, options);
      same(await put(url, 'x'), '403 AccessDenied', 'PUT');
    },
  },
  {
    id: 's3/a-presigned-url-lives-a-week-at-most',
    title: '`X-Amz-Expires` above 604,800 is refused: AuthorizationQueryParametersError',
    page: PAGE,
    async run(stage) {
      const Bucket = await createBucket(stage);
      const week = await presignPutFor(stage, Bucket, Key, 604_800);
      same(await put(week, 'x'), '200', 'a week');
      const longer = await presignPutFor(stage, Bucket, Key, 604_801);
      same(await put(longer, 'x'), '400 AuthorizationQueryParametersError', 'a second more');
    },
  },
  {
    id: 's3/signed-headers-hold-the-sender',
    title: 'A signed Content-Type must be sent as signed',
    page: PAGE,
    async run(stage) {
      const Bucket = await createBucket(stage);
      const signableHeaders = new Set(['content-type']);
      const url = await presignPut(
        stage,
        Bucket,
        { ContentType: 'image/jpeg' },
        { signableHeaders },
      );
      const html = await put(url, 'x', { 'content-type': 'text/html' });
      same(html, '403 SignatureDoesNotMatch', 'another type');
      same(await put(url, 'x', { 'content-type': 'image/jpeg' }), '200', 'the signed type');
    },
  },
  {
    id: 's3/unsigned-amz-headers-are-refused',
    title: '`x-amz-…` headers that were not signed are refused: AccessDenied',
    page: PAGE,
    async run(stage) {
      const Bucket = await createBucket(stage);
      const url = await presignPut(stage, Bucket);
      const answer = await put(url, 'x', { 'x-amz-meta-tenant': 'somebody else' });
      same(answer, '403 AccessDenied', 'PUT with metadata of its own');
    },
  },
];
