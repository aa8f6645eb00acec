import { CreateStreamCommand, KinesisClient, PutRecordCommand } from '@aws-sdk/client-kinesis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type CloudFixture, startCloudFixture } from './cloud-fixture.ts';

let fixture: CloudFixture;
let kinesis: KinesisClient;
beforeAll(async () => {
  fixture = await startCloudFixture();
  kinesis = new KinesisClient(fixture.client);
  await kinesis.send(new CreateStreamCommand({ StreamName: 'events', ShardCount: 1 }));
  while ((await call('DescribeStreamSummary', stream).then(statusOf)) !== 'ACTIVE');
});
afterAll(async () => {
  kinesis.destroy();
  await fixture.stop();
});

const stream = { StreamName: 'events' };
const signature =
  'AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/kinesis/aws4_request, SignedHeaders=host, Signature=0';
const signed = { authorization: signature, 'x-amz-date': '20260101T000000Z' };

function call(
  operation: string,
  input: unknown,
  change: { headers?: Record<string, string>; query?: string } = {},
): Promise<Response> {
  return fetch(`${fixture.client.endpoint}/${change.query ?? ''}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `Kinesis_20131202.${operation}`,
      ...(change.headers ?? signed),
    },
    body: typeof input === 'string' ? input : JSON.stringify(input),
  });
}

const record = { ...stream, PartitionKey: 'k', Data: 'YQ==' };

async function statusOf(response: Response): Promise<unknown> {
  const body = (await response.json()) as { StreamDescriptionSummary?: { StreamStatus: string } };
  return body.StreamDescriptionSummary?.StreamStatus;
}

it('answers with the headers of Kinesis, and of a length that is told', async () => {
  const response = await call('PutRecord', record);
  const text = await response.text();
  expect(response.status).toBe(200);
  expect(JSON.parse(text)).toEqual({
    ShardId: 'shardId-000000000000',
    SequenceNumber: expect.stringMatching(/^49\d{54}$/),
  });
  const { headers } = response;
  expect(headers.get('content-type')).toBe('application/x-amz-json-1.1');
  expect(headers.get('content-length')).toBe(String(text.length));
  expect(headers.get('x-amzn-requestid')).toMatch(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/);
  expect(Buffer.from(headers.get('x-amz-id-2') ?? '', 'base64')).toHaveLength(72);
});

it('says nothing where AWS has nothing to say', async () => {
  const response = await call('AddTagsToStream', { ...stream, Tags: { a: 'b' } });
  expect([response.status, await response.text()]).toEqual([200, '']);
});

it('lets pages of other origins read the answer', async () => {
  const headers = { ...signed, origin: 'http://localhost:5173' };
  const response = await call('PutRecord', record, { headers });
  expect(response.headers.get('access-control-allow-origin')).toBe('*');
});

const query = (...parts: string[]) => `?${parts.map((part) => `X-Amz-${part}=1`).join('&')}`;
const whole = ['Algorithm', 'Credential', 'Signature', 'SignedHeaders', 'Date'];

it('takes a signature in the query', async () => {
  const response = await call('PutRecord', record, { headers: {}, query: query(...whole) });
  expect(response.status).toBe(200);
});

it.each([
  ['no signature', { headers: {} }, 'MissingAuthenticationTokenException'],
  ['no date', { headers: { authorization: signature } }, 'IncompleteSignatureException'],
  ['half a signature', { headers: {}, query: query('Algorithm') }, 'IncompleteSignatureException'],
  ['two signatures', { query: query(...whole) }, 'InvalidSignatureException'],
])('refuses a call with %s', async (_, change, error) => {
  const response = await call('PutRecord', record, change);
  expect([response.status, await response.json()]).toMatchObject([400, { __type: error }]);
});

it.each([
  ['no JSON', '{'],
  ['no object', '"text"'],
  ['nothing', ''],
])('refuses a call that says %s', async (_, body) => {
  const response = await call('PutRecord', body);
  expect(await response.json()).toEqual({ __type: 'SerializationException' });
});

it.each([
  ['data that is no Base64', { Data: 'a' }, 'SerializationException'],
  ['data with bits behind its end', { Data: 'YR==' }, 'SerializationException'],
  ['an empty key', { PartitionKey: '' }, 'ValidationException'],
  ['a key of 257 letters', { PartitionKey: 'k'.repeat(257) }, 'ValidationException'],
  ['a stream that cannot be', { StreamName: 'a/b' }, 'ValidationException'],
  [
    'a number to follow that is none',
    { SequenceNumberForOrdering: String(2n ** 130n) },
    'InvalidArgument',
  ],
  [
    'a number to follow that is yet to come',
    { SequenceNumberForOrdering: String((2n << 184n) + ((2n ** 35n) << 36n) + 2n) },
    'InvalidArgument',
  ],
])('refuses %s in the engine’s words', async (_, change, error) => {
  const response = await call('PutRecord', { ...record, ...change });
  const { __type } = (await response.json()) as { __type: string };
  expect([response.status, __type]).toEqual([400, expect.stringContaining(error)]);
});

it('lets a record follow another', async () => {
  const put = (SequenceNumberForOrdering?: string) =>
    kinesis.send(
      new PutRecordCommand({
        ...{ ...stream, PartitionKey: 'k', Data: Buffer.from('x') },
        ...(SequenceNumberForOrdering && { SequenceNumberForOrdering }),
      }),
    );
  const first = await put();
  const second = await put(first.SequenceNumber);
  expect(BigInt(second.SequenceNumber ?? 0)).toBeGreaterThan(BigInt(first.SequenceNumber ?? 0));
});
