import { createSign, generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Claims = Record<string, unknown>;

export interface UserPool {
  readonly issuer: string;
  readonly jwksUrl: string;
  readonly clientId: string;
  readonly fetches: () => number;
  /** A token signed by the pool; claims of an honest ID token, changed by `claims`. */
  token(claims?: Claims, header?: Claims): string;
  close(): Promise<void>;
}

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

export function sign(header: Claims, claims: Claims, key: KeyObject): string {
  const input = `${encode(header)}.${encode(claims)}`;
  return `${input}.${createSign('RSA-SHA256').update(input).sign(key).toString('base64url')}`;
}

/** An identity provider with a real key, serving its JWKS over HTTP. */
export async function startUserPool(): Promise<UserPool> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const kid = randomUUID();
  let fetches = 0;
  const server = createServer((_request, response) => {
    fetches += 1;
    const jwk = { ...publicKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'RS256' };
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: [jwk] }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}/pool`;
  const clientId = 'client';
  return {
    issuer,
    jwksUrl: `${issuer}/.well-known/jwks.json`,
    clientId,
    fetches: () => fetches,
    token: (claims = {}, header = {}) =>
      sign(
        { alg: 'RS256', kid, ...header },
        { ...honestClaims(issuer, clientId), ...claims },
        privateKey,
      ),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export function honestClaims(issuer: string, clientId: string): Claims {
  const now = Math.floor(Date.now() / 1000);
  return {
    sub: '8f14e45f-ceea-467f-9c5b-1a2b3c4d5e6f',
    iss: issuer,
    aud: clientId,
    token_use: 'id',
    iat: now,
    exp: now + 3600,
  };
}
