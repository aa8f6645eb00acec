import type { IncomingMessage, ServerResponse } from 'node:http';
import type { CognitoEngine } from '../engines/cognito.ts';
import { send, sendJson } from './message.ts';

/**
 * `/<poolId>/.well-known/…`: the keys of the pool's tokens, and the OpenID configuration whose
 * `issuer` is exactly the tokens' `iss` (cognito-local's own always says localhost:9229).
 */
export function handleWellKnown(
  cognito: CognitoEngine,
  poolId: string,
  document: string,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  response.setHeader('access-control-allow-origin', '*');
  if (document === 'jwks.json') {
    cognito.handle(request, response);
  } else if (document === 'openid-configuration') {
    const issuer = cognito.issuer(poolId);
    sendJson(response, 200, {
      issuer,
      jwks_uri: `${issuer}/.well-known/jwks.json`,
      id_token_signing_alg_values_supported: ['RS256'],
      response_types_supported: ['code', 'token'],
      subject_types_supported: ['public'],
    });
  } else {
    send(response, 404, { 'content-type': 'text/plain' }, `No document ${document}.\n`);
  }
}

/** What a browser asks before it calls a service of the JSON protocol (Cognito, mostly). */
export function handlePreflight(request: IncomingMessage, response: ServerResponse): void {
  const headers = request.headers['access-control-request-headers'];
  send(
    response,
    204,
    {
      'access-control-allow-origin': '*',
      'access-control-allow-methods': 'POST, OPTIONS',
      'access-control-allow-headers': Array.isArray(headers) ? headers.join(',') : (headers ?? '*'),
      'access-control-max-age': '86400',
    },
    '',
  );
}
