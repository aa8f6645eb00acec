import type * as z from 'zod/mini';
import en from 'zod/v4/locales/en.js';
import { quickCheckOf } from './quick-check.ts';

// zod/mini ships no messages; English ones are told to developers, codes to programs.
const { localeError } = en();

/** One thing that is wrong, where it is (JSON pointer) and what is expected there. */
export interface Violation {
  readonly path: string;
  readonly message: string;
}

export type Validated<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly violations: readonly Violation[] };

/** At most this many are told: a hostile document must not make a large answer. */
const MOST_VIOLATIONS = 10;

/** Parses `input` by a schema; the messages may be shown to the sender and hold none of the input's values. */
export function validate<S extends z.ZodMiniType>(
  schema: S,
  input: unknown,
): Validated<z.infer<S>> {
  if (quickCheckOf(schema)?.(input)) return { ok: true, value: input as z.infer<S> };
  const result = schema.safeParse(input, { error: localeError });
  if (result.success) return { ok: true, value: result.data };
  return {
    ok: false,
    violations: result.error.issues.slice(0, MOST_VIOLATIONS).map((issue) => ({
      path: `/${issue.path.map((part) => String(part).replaceAll('~', '~0').replaceAll('/', '~1')).join('/')}`,
      message: issue.message,
    })),
  };
}

/** `"/data/lines must hold …; /time must be …"`: violations as one line for logs and dead letters. */
export function describeViolations(violations: readonly Violation[]): string {
  return violations.map(({ path, message }) => `${path} ${message}`).join('; ');
}
