import { PutBucketCorsCommand } from '@aws-sdk/client-s3';
import type { Rule } from '../../rule.ts';
import type { Stage } from '../../stage/stage.ts';
import { same } from '../expectations.ts';
import { createBucket } from './requests.ts';

const PAGE = 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html';
const ORIGIN = 'https://app.example.com';

async function createCorsBucket(stage: Stage): Promise<string> {
  const Bucket = await createBucket(stage);
  const rule = {
    ...{ AllowedOrigins: ['https://*.example.com'], AllowedMethods: ['PUT', 'GET'] },
    ...{ AllowedHeaders: ['content-type', 'x-amz-*'], ExposeHeaders: ['ETag'], MaxAgeSeconds: 600 },
  };
  const CORSConfiguration = { CORSRules: [rule] };
  await stage.clients.s3.send(new PutBucketCorsCommand({ Bucket, CORSConfiguration }));
  return Bucket;
}

function preflight(stage: Stage, Bucket: string, headers: Record<string, string>) {
  return fetch(`${stage.subject.endpoint}/${Bucket}/key`, {
    method: 'OPTIONS',
    headers: { origin: ORIGIN, 'access-control-request-method': 'PUT', ...headers },
  });
}

export const corsRules: readonly Rule[] = [
  {
    id: 's3/a-preflight-that-a-rule-allows',
    title: 'An OPTIONS request that a rule matches is answered with what it allows',
    page: PAGE,
    async run(stage) {
      const Bucket = await createCorsBucket(stage);
      const asked = { 'access-control-request-headers': 'content-type,x-amz-meta-a' };
      const answer = await preflight(stage, Bucket, asked);
      const header = (name: string) => answer.headers.get(`access-control-${name}`) ?? '';
      same(answer.status, 200, 'the status');
      same(header('allow-origin'), ORIGIN, 'the origin');
      same(header('allow-methods').includes('PUT'), true, 'the method');
      const allowed = header('allow-headers').toLowerCase().split(/,\s*/).sort();
      same(allowed, ['content-type', 'x-amz-meta-a'], 'the headers');
      same([header('max-age'), header('expose-headers')], ['600', 'ETag'], 'age and exposed');
    },
  },
  {
    id: 's3/a-preflight-that-no-rule-allows-is-refused',
    title: 'Another origin, method or header is refused with 403 and no CORS header',
    page: PAGE,
    async run(stage) {
      const Bucket = await createCorsBucket(stage);
      const wrong = {
        origin: 'https://example.org',
        'access-control-request-method': 'DELETE',
        'access-control-request-headers': 'authorization',
      };
      for (const [name, value] of Object.entries(wrong)) {
        const answer = await preflight(stage, Bucket, { [name]: value });
        const seen = [answer.status, answer.headers.get('access-control-allow-origin')];
        same(seen, [403, null], `${name}: ${value}`);
      }
    },
  },
];
