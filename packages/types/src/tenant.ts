import * as z from 'zod/mini';

/**
 * Whom a record belongs to. Part of every key, so it may hold nothing that separates key parts
 * (`/` in object keys and partition keys, `#` in sort keys).
 */
export const Tenant = z
  .string()
  .check(
    z.regex(/^[A-Za-z0-9][A-Za-z0-9_.:@-]{0,127}$/, 'must be 1–128 letters, digits or _ . : @ -'),
  );
export type Tenant = z.infer<typeof Tenant>;

/** The tenant of events and uploads that a trusted producer wrote without naming one. */
export const DEFAULT_TENANT = 'default';
