import { createServer } from 'node:http';
import { SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectionOptions } from '../../src/adapters/postgres/connection-options.ts';
import { databaseUrl } from '../../src/adapters/postgres/database-url.ts';
import { createSqlSession } from '../../src/adapters/postgres/sql-session.ts';

const HERE = 'postgres://user:secret@127.0.0.1:5432/name';
const THERE = 'postgres://user:secret@db.example.com/name';

describe('the connection that a URL asks for', () => {
  it('is plain on this machine only, unless it asks for TLS', () => {
    expect(connectionOptions(HERE).ssl).toBe(false);
    expect(connectionOptions(`${HERE}?sslmode=require`).ssl).toEqual({ rejectUnauthorized: true });
  });

  it('is over verified TLS to any other machine, whatever milder mode is named', () => {
    for (const mode of ['', '?sslmode=require', '?sslmode=verify-ca', '?sslmode=verify-full']) {
      const { ssl, connectionString } = connectionOptions(`${THERE}${mode}`);
      expect(ssl).toEqual({ rejectUnauthorized: true });
      // pg reads the URL again, and would let its parameters win.
      expect(connectionString).not.toContain('ssl');
    }
  });

  it.each([
    `${THERE}?sslmode=disable`,
    `${THERE}?sslmode=no-verify`,
    `${HERE}?sslmode=prefer`,
    'mysql://user:secret@db/name',
    'secret',
  ])('is refused without telling the URL: %s', (url) => {
    const refused = () => connectionOptions(url);
    expect(refused).toThrow(expect.objectContaining({ code: 'config_invalid' }));
    expect(refused).not.toThrow(/secret|example/);
  });
});

describe('the URL of the database', () => {
  /** Speaks for the Parameter Store; the local cloud has none. */
  let answers: { status: number; body: object }[] = [];
  const asked: unknown[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      asked.push({ target: request.headers['x-amz-target'], body: JSON.parse(body) });
      const answer = answers.shift() ?? { status: 500, body: {} };
      response.writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(JSON.stringify(answer.body));
    });
  });
  let endpoint = '';
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    endpoint = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  });
  afterAll(() => {
    server.close();
    server.closeAllConnections();
  });
  const client = () =>
    new SSMClient({
      ...{ endpoint, region: 'us-east-1', maxAttempts: 1 },
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    });

  it('is taken from the environment without asking anybody', async () => {
    const url = databaseUrl({ url: HERE, parameter: '/name' }, () => {
      throw new Error('nobody is to be asked');
    });
    expect(await url()).toBe(HERE);
  });

  it('is fetched decrypted, once, and again after a failure', async () => {
    answers = [
      { status: 400, body: { __type: 'ParameterNotFound' } },
      { status: 200, body: { Parameter: { Value: THERE } } },
    ];
    const url = databaseUrl({ parameter: '/millrace/prod/database-url' }, client);
    await expect(url()).rejects.toMatchObject({
      ...{ name: 'TransientError', code: 'database_url_unreadable' },
    });
    expect([await url(), await url()]).toEqual([THERE, THERE]);
    expect(asked).toHaveLength(2);
    expect(asked[1]).toEqual({
      target: 'AmazonSSM.GetParameter',
      body: { Name: '/millrace/prod/database-url', WithDecryption: true },
    });
  });

  it('has to be somewhere', () => {
    expect(() => databaseUrl({}, client)).toThrow(/DATABASE_URL_PARAMETER/);
  });
});

it('a database that nobody answers for is unavailable, soon and without its URL', async () => {
  const session = createSqlSession(async () => 'postgres://user:secret@127.0.0.1:1/name');
  const work = session.run(async () => {});
  await expect(work).rejects.toMatchObject({ name: 'TransientError', code: 'sql_unavailable' });
  await expect(work).rejects.not.toThrow(/secret/);
});
