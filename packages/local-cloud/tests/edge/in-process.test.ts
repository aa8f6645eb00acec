import type { IncomingMessage, ServerResponse } from 'node:http';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { createFront } from '../../src/edge/front.ts';
import { createInProcessRequestHandler } from '../../src/edge/in-process.ts';
import { readBody, sendJson } from '../../src/edge/message.ts';

function clientOf(handle: (request: IncomingMessage, response: ServerResponse) => void) {
  return new DynamoDBClient({
    endpoint: 'http://nobody.invalid',
    region: 'us-east-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
    maxAttempts: 1,
    requestHandler: createInProcessRequestHandler(handle),
  });
}

const question = new GetItemCommand({ TableName: 'things', Key: { id: { S: '사과 🍎' } } });

describe('an SDK client inside the cloud', () => {
  it('is answered as over a connection, without one', async () => {
    const client = clientOf(async (request, response) => {
      const body = JSON.parse((await readBody(request, 1_000)).toString('utf8'));
      expect(request.method).toBe('POST');
      expect(request.headers['x-amz-target']).toBe('DynamoDB_20120810.GetItem');
      sendJson(response, 200, { Item: body.Key });
    });
    expect((await client.send(question)).Item).toEqual({ id: { S: '사과 🍎' } });
  });

  it('meets errors by their names', async () => {
    const client = clientOf((_, response) => {
      sendJson(response, 400, { __type: 'x#ResourceNotFoundException', message: 'no table' });
    });
    await expect(client.send(question)).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'no table',
    });
  });

  it('fails when the answer breaks off', async () => {
    const client = clientOf((_, response) => void response.destroy());
    await expect(client.send(question)).rejects.toThrow();
  });

  it('stops waiting when it is told to, and the one asked learns of it', async () => {
    const asked = Promise.withResolvers<IncomingMessage>();
    const client = clientOf((request) => {
      request.on('error', () => {});
      asked.resolve(request);
    });
    const stopping = new AbortController();
    const answer = client.send(question, { abortSignal: stopping.signal });
    const request = await asked.promise;
    const closed = new Promise((resolve) => request.once('close', resolve));
    stopping.abort();
    await expect(answer).rejects.toThrow();
    await closed;
  });

  it('waits while the cloud is starting, and can give that up too', async () => {
    const front = createFront();
    const client = clientOf(front.handle);
    const stopping = new AbortController();
    const given = client.send(question, { abortSignal: stopping.signal });
    const kept = client.send(question);
    stopping.abort();
    await expect(given).rejects.toThrow();
    front.open((_, response) => sendJson(response, 200, {}));
    expect((await kept).$metadata.httpStatusCode).toBe(200);
  });
});
