import { v5, v7 } from 'uuid';

/** Drawn once for this API: changing it changes every derived id. */
const NAMESPACE = '5d0c9b1e-7a44-4c1f-8e63-2b9f0f6c9a57';

/**
 * The same parts always give the same id (UUIDv5, RFC 9562 section 5.5), so a request that is
 * repeated after a crash finds what its first attempt left.
 */
export const derivedId = (...parts: readonly string[]): string =>
  v5(JSON.stringify(parts), NAMESPACE);

/** A new id that sorts by its time (UUIDv7, RFC 9562 section 5.7). */
export const newId = (now: number): string => v7({ msecs: now });
