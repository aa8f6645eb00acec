import * as z from 'zod/mini';

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
