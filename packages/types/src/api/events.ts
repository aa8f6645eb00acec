import * as z from 'zod/mini';

/** CloudEvents' batched mode: a JSON array. Each event is validated by itself, so that one bad event refuses only itself. */
export const MAX_EVENTS_PER_REQUEST = 500;
export const EventBatch = z
  .array(z.unknown())
  .check(z.minLength(1), z.maxLength(MAX_EVENTS_PER_REQUEST));

export const EventReceipt = z.object({
  accepted: z.array(z.object({ index: z.int(), id: z.string() })),
  rejected: z.array(
    z.object({
      index: z.int(),
      id: z.optional(z.string()),
      code: z.string(),
      message: z.string(),
      /** True where sending the same event again may succeed. */
      retryable: z.boolean(),
    }),
  ),
});
export type EventReceipt = z.infer<typeof EventReceipt>;
