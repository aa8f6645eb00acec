import { v5, v7 } from 'uuid';

/** Drawn once for what names them: changing one changes every id that was derived in it. */
const NAMESPACES = {
  /** A request to the API, named by what makes it the same when it is repeated. */
  request: '5d0c9b1e-7a44-4c1f-8e63-2b9f0f6c9a57',
  /** An uploaded object, named `<bucket>/<key>`. */
  object: '97ef4a1c-6f0b-4ab1-9f0a-5b7c61a3a0d2',
} as const;

/**
 * The same name always gives the same id (UUIDv5, RFC 9562 section 5.5), so that what is repeated
 * after a crash finds what its first attempt left. Names that are equal in different namespaces give
 * different ids.
 */
export const derivedId = (namespace: keyof typeof NAMESPACES, name: string): string =>
  v5(name, NAMESPACES[namespace]);

/**
 * A new id that sorts by its time (UUIDv7, RFC 9562 section 5.7).
 *
 * @param now milliseconds since the epoch
 */
export const newId = (now: number): string => v7({ msecs: now });
