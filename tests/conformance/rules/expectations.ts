import { isDeepStrictEqual } from 'node:util';

/** Throws what was seen where it is not what AWS documents. */
export function same(seen: unknown, expected: unknown, what: string): void {
  if (isDeepStrictEqual(seen, expected)) return;
  throw new Error(`${what}: ${JSON.stringify(seen)} instead of ${JSON.stringify(expected)}`);
}

/** How a call was refused, as AWS's SDK tells it. */
export interface Refusal {
  /** The error's code; `accepted` where the call was not refused at all. */
  readonly code: string;
  readonly status: number | undefined;
}

/**
 * The refusal that the rule asks for.
 *
 * @throws the error of a call that the implementation does not have, which is no refusal
 */
export async function refusal(call: Promise<unknown>): Promise<Refusal> {
  try {
    await call;
    return { code: 'accepted', status: 200 };
  } catch (error) {
    const { name, $metadata } = error as Error & { $metadata?: { httpStatusCode?: number } };
    const status = $metadata?.httpStatusCode;
    if (status === undefined || status === 501) throw error;
    return { code: name, status };
  }
}
