import * as z from 'zod/mini';
import type { Violation } from '../validation.ts';

/** `application/problem+json` (RFC 9457) with a stable `code`. */
export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  /** Stable: programs may rely on it. Listed in docs/errors.md. */
  code: z.string(),
  /** What happened and what the caller can do. */
  detail: z.string(),
  /** The correlation id of the request, also in the header `x-correlation-id`. */
  instance: z.string(),
  violations: z.optional(z.array(z.object({ path: z.string(), message: z.string() }))),
});
export type Problem = z.infer<typeof Problem>;

/**
 * Every code that an answer can have, with its HTTP status. Codes are added, never changed.
 * What each means and what the caller can do: docs/errors.md.
 */
export const PROBLEMS = {
  invalid_request: { status: 400, title: 'The request is not valid' },
  malformed_json: { status: 400, title: 'The body is not JSON' },
  invalid_cursor: { status: 400, title: 'The cursor is not valid' },
  idempotency_key_missing: { status: 400, title: 'The header Idempotency-Key is missing' },
  unknown_dimension: { status: 400, title: 'The metric has no such dimension' },
  metric_interval_too_short: {
    status: 400,
    title: 'The metric is not kept by so short an interval',
  },
  metric_range_too_wide: { status: 400, title: 'The time range is too wide' },
  metric_answer_too_large: { status: 400, title: 'The answer would be too large' },
  unauthenticated: { status: 401, title: 'A token is needed' },
  invalid_token: { status: 401, title: 'The token is not valid' },
  token_expired: { status: 401, title: 'The token has expired' },
  tenant_invalid: { status: 403, title: 'The tenant of this user is not valid' },
  route_not_found: { status: 404, title: 'There is no such route' },
  file_not_found: { status: 404, title: 'There is no such file' },
  document_not_found: { status: 404, title: 'There is no such document' },
  playlist_not_found: { status: 404, title: 'There is no such playlist' },
  order_not_found: { status: 404, title: 'There is no such order' },
  metric_not_found: { status: 404, title: 'There is no such metric' },
  funnel_not_found: { status: 404, title: 'There is no such funnel' },
  device_not_found: { status: 404, title: 'There is no such device' },
  command_not_found: { status: 404, title: 'There is no such command' },
  method_not_allowed: { status: 405, title: 'The route does not take this method' },
  upload_incomplete: { status: 409, title: 'The upload is not complete' },
  device_id_taken: { status: 409, title: 'The device id is taken' },
  device_is_disabled: { status: 409, title: 'The device is disabled' },
  credentials_already_issued: { status: 409, title: 'The credentials were given out already' },
  too_many_credentials: { status: 409, title: 'The device has too many certificates' },
  request_in_progress: { status: 409, title: 'The same request is being worked on' },
  upload_expired: { status: 410, title: 'The upload has expired' },
  precondition_failed: { status: 412, title: 'The resource is not the one of If-Match' },
  payload_too_large: { status: 413, title: 'The body is too large' },
  unsupported_media_type: { status: 415, title: 'The media type is not supported' },
  idempotency_key_reused: { status: 422, title: 'The Idempotency-Key belongs to another request' },
  playlist_too_long: { status: 422, title: 'The playlist is too long' },
  checksum_mismatch: { status: 422, title: 'The bytes are not those of the checksum' },
  order_total_too_large: { status: 422, title: 'The total of the order is too large' },
  internal_error: { status: 500, title: 'Something went wrong here' },
  service_unavailable: { status: 503, title: 'The service is busy' },
} as const satisfies Record<string, { readonly status: number; readonly title: string }>;
export type ProblemCode = keyof typeof PROBLEMS;

export interface ProblemOptions extends ErrorOptions {
  readonly violations?: readonly Violation[];
  readonly retryAfterSeconds?: number;
  /** Further headers of the answer, e.g. `allow`. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request that is refused. `message` becomes the problem's `detail`: it is shown to the caller. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly code: ProblemCode;
  readonly violations: readonly Violation[];
  readonly retryAfterSeconds: number | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: ProblemCode, detail: string, options: ProblemOptions = {}) {
    super(detail, options);
    this.code = code;
    this.violations = options.violations ?? [];
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.headers = options.headers ?? {};
  }

  get status(): number {
    return PROBLEMS[this.code].status;
  }
}
