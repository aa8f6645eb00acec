import { createHmac, generateKeyPairSync } from 'node:crypto';
import { ProblemError } from '@millrace/types';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cognitoTokens, type TokenVerifier } from '../../src/http/tokens.ts';
import { httpEvent } from './events.ts';
import { type Claims, honestClaims, sign, startUserPool, type UserPool } from './user-pool.ts';

let pool: UserPool;
let otherPool: UserPool;
let verify: TokenVerifier;

beforeAll(async () => {
  [pool, otherPool] = await Promise.all([startUserPool(), startUserPool()]);
  verify = cognitoTokens(pool);
});
afterAll(() => Promise.all([pool.close(), otherPool.close()]));

const verifyHeader = (authorization?: string) =>
  verify(
    httpEvent({
      routeKey: 'GET /v1/files',
      headers: authorization === undefined ? {} : { authorization },
    }),
  );
const verifyToken = (token: string) => verifyHeader(`Bearer ${token}`);
const refused = async (attempt: Promise<unknown>) => {
  const error = await attempt.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ProblemError)) throw new Error(`not refused: ${String(error)}`);
  return `${error.status} ${error.code}`;
};
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const claims = (changes: Claims = {}) => ({
  ...honestClaims(pool.issuer, pool.clientId),
  ...changes,
});

describe('an honest ID token', () => {
  it('makes the user its own tenant', async () => {
    const { sub } = claims() as { sub: string };
    expect(await verifyToken(pool.token())).toEqual({ userId: sub, tenant: sub });
  });
  it('gives the tenant that custom:tenant names', async () => {
    expect(await verifyToken(pool.token({ 'custom:tenant': 'acme' }))).toMatchObject({
      tenant: 'acme',
    });
  });
  it('is taken with a scheme in any case', async () => {
    await expect(verifyHeader(`bearer ${pool.token()}`)).resolves.toBeDefined();
  });
  it('needs the keys of the pool fetched once only', async () => {
    const mine = cognitoTokens(pool);
    const before = pool.fetches();
    for (let count = 0; count < 3; count += 1) {
      const event = httpEvent({
        routeKey: 'x',
        headers: { authorization: `Bearer ${pool.token()}` },
      });
      await mine(event);
    }
    expect(pool.fetches() - before).toBe(1);
  });
});

describe('a wrong caller is refused', () => {
  it.each([
    ['without a header', undefined],
    ['with an empty token', 'Bearer '],
    ['with another scheme', 'Basic dXNlcjpwYXNz'],
    ['with two tokens', 'Bearer a.b.c, Bearer d.e.f'],
  ])('%s', async (_name, header) => {
    expect(await refused(verifyHeader(header))).toBe('401 unauthenticated');
  });

  it.each<[string, () => string]>([
    ['that is no JWT', () => 'abc'],
    ['with three parts of nothing', () => 'a.b.c'],
    ['with alg none and no signature', () => `${encode({ alg: 'none' })}.${encode(claims())}.`],
    [
      'with alg none and the kid of the pool',
      () => {
        const [header = '', payload] = pool.token().split('.');
        const { kid } = JSON.parse(Buffer.from(header, 'base64url').toString());
        return `${encode({ alg: 'none', kid })}.${payload}.AAAA`;
      },
    ],
    [
      'signed by HMAC with the public key as the secret',
      () => {
        const [header = ''] = pool.token().split('.');
        const { kid } = JSON.parse(Buffer.from(header, 'base64url').toString());
        const input = `${encode({ alg: 'HS256', kid })}.${encode(claims())}`;
        return `${input}.${createHmac('sha256', 'public').update(input).digest('base64url')}`;
      },
    ],
    [
      'forged: signed by another key under the kid of the pool',
      () => {
        const [header = ''] = pool.token().split('.');
        const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
        return sign(JSON.parse(Buffer.from(header, 'base64url').toString()), claims(), privateKey);
      },
    ],
    [
      'with changed claims under a good signature',
      () => {
        const [header, , signature] = pool.token().split('.');
        return `${header}.${encode(claims({ 'custom:tenant': 'victim' }))}.${signature}`;
      },
    ],
    ['of another pool', () => otherPool.token()],
    ['of another pool that names our issuer', () => otherPool.token({ iss: pool.issuer })],
    ['of our pool that names another issuer', () => pool.token({ iss: otherPool.issuer })],
    ['for another client', () => pool.token({ aud: 'another' })],
    ['that is an access token', () => pool.token({ token_use: 'access' })],
    ['that does not say its use', () => pool.token({ token_use: undefined })],
    ['that is not valid yet', () => pool.token({ nbf: Math.floor(Date.now() / 1000) + 600 })],
    ['without a user', () => pool.token({ sub: undefined })],
  ])('with a token %s', async (_name, token) => {
    expect(await refused(verifyToken(token()))).toBe('401 invalid_token');
  });

  it('with an expired token', async () => {
    const token = pool.token({ exp: Math.floor(Date.now() / 1000) - 1 });
    expect(await refused(verifyToken(token))).toBe('401 token_expired');
  });
  it.each(['../other', 'a/b', 'a#b', '', 7])('with the tenant %j', async (tenant) => {
    expect(await refused(verifyToken(pool.token({ 'custom:tenant': tenant })))).toBe(
      '403 tenant_invalid',
    );
  });
});

it('keeps taking honest tokens while forged ones with unknown keys come in', async () => {
  expect(await refused(verifyToken(otherPool.token()))).toBe('401 invalid_token');
  await expect(verifyToken(pool.token())).resolves.toBeDefined();
});

it('says that it is busy, not that the token is wrong, while the keys cannot be had', async () => {
  const gone = await startUserPool();
  const token = gone.token();
  const verifyGone = cognitoTokens(gone);
  await gone.close();
  const event = httpEvent({ routeKey: 'x', headers: { authorization: `Bearer ${token}` } });
  expect(await refused(verifyGone(event))).toBe('503 service_unavailable');
});
