import { ProblemError, type RouteContract, type Violation, validate } from '@millrace/types';
import { decodeBody } from './body.ts';
import { type HttpEvent, headerOf } from './gateway.ts';

/** DynamoDB's keys end at 1,024 bytes; no id of ours comes near this. */
const MAX_PARAMETER_LENGTH = 256;
/** Printable ASCII, as the IETF draft on the Idempotency-Key header asks of a key. */
const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,255}$/;

export interface DecodedRequest {
  readonly params: Readonly<Record<string, string>>;
  readonly query: unknown;
  readonly body: unknown;
  readonly idempotencyKey: string | undefined;
  readonly ifMatch: string | undefined;
}

/**
 * Takes a request apart by its contract. Violations name body members by JSON pointer (`/lines/0`),
 * query parameters as `?limit`, path parameters as `{id}`, headers by their name.
 *
 * @throws ProblemError invalid_request, idempotency_key_missing and what `decodeBody` throws
 */
export function decodeRequest(event: HttpEvent, contract: RouteContract): DecodedRequest {
  return {
    params: paramsOf(event),
    query: queryOf(event, contract),
    idempotencyKey: idempotencyKeyOf(event, contract),
    ifMatch: contract.ifMatch ? headerOf(event, 'if-match') : undefined,
    body: bodyOf(event, contract),
  };
}

function paramsOf(event: HttpEvent): Readonly<Record<string, string>> {
  const params: Record<string, string> = {};
  for (const [name, value = ''] of Object.entries(event.pathParameters ?? {})) {
    if (value === '' || value.length > MAX_PARAMETER_LENGTH || !value.isWellFormed()) {
      throw invalid([
        { path: `{${name}}`, message: `must have 1–${MAX_PARAMETER_LENGTH} characters` },
      ]);
    }
    params[name] = value;
  }
  return params;
}

function queryOf(event: HttpEvent, contract: RouteContract): unknown {
  if (contract.query === undefined) return undefined;
  const validated = validate(contract.query, event.queryStringParameters ?? {});
  if (validated.ok) return validated.value;
  throw invalid(
    validated.violations.map(({ path, message }) => ({ path: `?${path.slice(1)}`, message })),
  );
}

function bodyOf(event: HttpEvent, contract: RouteContract): unknown {
  if (contract.body === undefined) return undefined;
  const validated = validate(contract.body, decodeBody(event, contract));
  if (validated.ok) return validated.value;
  throw invalid(validated.violations);
}

function idempotencyKeyOf(event: HttpEvent, contract: RouteContract): string | undefined {
  if (contract.idempotencyKey === undefined) return undefined;
  const key = headerOf(event, 'idempotency-key');
  if (key === undefined) {
    if (contract.idempotencyKey === 'optional') return undefined;
    throw new ProblemError(
      'idempotency_key_missing',
      'Send a header Idempotency-Key that is new for every new request and the same for every repetition of it.',
    );
  }
  if (IDEMPOTENCY_KEY.test(key)) return key;
  throw invalid([
    { path: 'idempotency-key', message: 'must have 1–255 printable ASCII characters' },
  ]);
}

function invalid(violations: readonly Violation[]): ProblemError {
  return new ProblemError(
    'invalid_request',
    'The request does not keep to the contract; see the violations and /openapi.json.',
    { violations },
  );
}
