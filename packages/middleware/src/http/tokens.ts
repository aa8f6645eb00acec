import { ProblemError, Tenant } from '@millrace/types';
import { JwtVerifier } from 'aws-jwt-verify';
import {
  FetchError,
  JwksValidationError,
  JwtBaseError,
  JwtExpiredError,
} from 'aws-jwt-verify/error';
import { SimpleJwksCache } from 'aws-jwt-verify/jwk';
import { type HttpEvent, headerOf } from './gateway.ts';

/** Who asks. `tenant` is `custom:tenant` of the token, or the user where there is none. */
export interface Caller {
  readonly userId: string;
  readonly tenant: string;
}

/** @throws ProblemError unauthenticated, invalid_token, token_expired, tenant_invalid, service_unavailable */
export type TokenVerifier = (event: HttpEvent) => Promise<Caller>;

export interface CognitoTokenOptions {
  /** `iss` of the pool's tokens: `https://cognito-idp.<region>.amazonaws.com/<poolId>`. */
  readonly issuer: string;
  readonly jwksUrl: string;
  readonly clientId: string;
}

/** Longest to wait for the pool's keys, in milliseconds. */
const JWKS_TIMEOUT_MS = 3000;

/**
 * Verifies the bearer token by itself, although the gateway has an authorizer: so a direct
 * invocation and a local run are as safe as a request through the gateway.
 *
 * It takes ID tokens (`token_use` = `id`, `aud` = the client): Cognito's access tokens carry no
 * custom attributes, and the tenant is one.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-verifying-a-jwt.html
 */
export function cognitoTokens(options: CognitoTokenOptions): TokenVerifier {
  const verifier = JwtVerifier.create(
    {
      issuer: options.issuer,
      audience: options.clientId,
      jwksUri: options.jwksUrl,
      customJwtCheck: ({ payload }) => {
        if (payload.token_use !== 'id') {
          throw new ProblemError('invalid_token', 'Send the ID token, not the access token.');
        }
      },
    },
    { jwksCache: new SimpleJwksCache({ fetcher: { fetch: fetchKeys } }) },
  );
  return async (event) => {
    const token = bearerTokenOf(event);
    try {
      return callerOf(await verifier.verify(token));
    } catch (error) {
      throw refusalOf(error);
    }
  };
}

/** The library's own fetcher speaks TLS only; a local pool has none. */
async function fetchKeys(url: string): Promise<ArrayBuffer> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(JWKS_TIMEOUT_MS) });
    if (!response.ok) throw new Error(`status ${response.status}`);
    return await response.arrayBuffer();
  } catch (cause) {
    throw new FetchError(url, cause);
  }
}

function bearerTokenOf(event: HttpEvent): string {
  const header = headerOf(event, 'authorization');
  const token = header?.match(/^Bearer +([A-Za-z0-9._-]+)$/i)?.[1];
  if (token !== undefined) return token;
  throw new ProblemError(
    'unauthenticated',
    'Sign in and send the ID token in the header "Authorization: Bearer …".',
  );
}

function callerOf(claims: Readonly<Record<string, unknown>>): Caller {
  const { sub } = claims;
  if (typeof sub !== 'string') {
    throw new ProblemError('invalid_token', 'The token names no user.');
  }
  const tenant = Tenant.safeParse(claims['custom:tenant'] ?? sub);
  if (tenant.success) return { userId: sub, tenant: tenant.data };
  throw new ProblemError(
    'tenant_invalid',
    'The tenant in this token is not one; an administrator of the user pool must mend custom:tenant.',
  );
}

function refusalOf(error: unknown): unknown {
  if (error instanceof ProblemError) return error;
  if (error instanceof JwtExpiredError) {
    return new ProblemError('token_expired', 'Refresh the token and send the new one.', {
      cause: error,
    });
  }
  // Not the caller's fault: the keys to verify with could not be had.
  if (error instanceof FetchError || error instanceof JwksValidationError) {
    return new ProblemError('service_unavailable', 'The token cannot be verified just now.', {
      cause: error,
      retryAfterSeconds: 2,
    });
  }
  if (error instanceof JwtBaseError) {
    return new ProblemError(
      'invalid_token',
      'The token is not an ID token of our user pool for this client. Sign in and send the ID token.',
      { cause: error },
    );
  }
  return error;
}
