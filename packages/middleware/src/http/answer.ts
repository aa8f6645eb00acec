import { PROBLEMS, type Problem, type ProblemError } from '@millrace/types';
import type { HttpAnswer } from './gateway.ts';

interface RawJson {
  readonly rawJSON: string;
}
// ES2025's JSON.rawJSON, which the compiler's es2024 library does not know.
const { rawJSON } = JSON as unknown as { rawJSON(text: string): RawJson };

/** A JSON number with all its digits, which a double could not hold. */
export class ExactNumber {
  readonly text: string;

  /** @throws SyntaxError where `text` is no JSON number. */
  constructor(text: string) {
    if (!/^-?\d/.test(text)) throw new SyntaxError('An exact number must be a JSON number.');
    this.text = text;
    rawJSON(text);
  }

  toJSON(): RawJson {
    return rawJSON(this.text);
  }
}

/** `T` as an operation may give it: numbers can be exact, arrays and objects read-only. */
export type Encodable<T> = T extends number
  ? T | ExactNumber
  : T extends readonly (infer Entry)[]
    ? readonly Encodable<Entry>[]
    : T extends object
      ? { readonly [Key in keyof T]: Encodable<T[Key]> }
      : T;

/** Nothing of an answer may stay in a cache that others share. */
const COMMON_HEADERS = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };

export function jsonAnswer(
  statusCode: number,
  body: unknown,
  headers: Readonly<Record<string, string>>,
): HttpAnswer {
  if (body === undefined) return { statusCode, headers: { ...COMMON_HEADERS, ...headers } };
  return {
    statusCode,
    headers: { ...COMMON_HEADERS, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  };
}

export function textAnswer(
  statusCode: number,
  mediaType: string,
  body: string,
  headers: Readonly<Record<string, string>>,
): HttpAnswer {
  return {
    statusCode,
    headers: { ...COMMON_HEADERS, 'content-type': mediaType, ...headers },
    body,
  };
}

export function problemAnswer(error: ProblemError, correlationId: string): HttpAnswer {
  const { status, title } = PROBLEMS[error.code];
  const problem: Problem = {
    type: `urn:millrace:problem:${error.code}`,
    title,
    status,
    code: error.code,
    detail: error.message,
    instance: correlationId,
    ...(error.violations.length > 0 && { violations: [...error.violations] }),
  };
  return jsonAnswer(status, problem, {
    'content-type': 'application/problem+json',
    'x-correlation-id': correlationId,
    ...(error.retryAfterSeconds !== undefined && {
      'retry-after': String(error.retryAfterSeconds),
    }),
    // RFC 6750: a refused token is told with a challenge.
    ...(status === 401 && { 'www-authenticate': challenge(error.code) }),
    ...error.headers,
  });
}

function challenge(code: string): string {
  return code === 'unauthenticated'
    ? 'Bearer realm="millrace"'
    : 'Bearer realm="millrace", error="invalid_token"';
}
