import { errorCode, TransientError } from '../errors.ts';

const NETWORK_CODES = new Set(['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EPIPE', 'ENOTFOUND']);

/** A throttle, a 5xx or a broken connection of a service that we call, after the SDK's own retries. */
export function isBusy(error: unknown): boolean {
  if (error instanceof TransientError) return true;
  if (!(error instanceof Error)) return false;
  if ('$retryable' in error && error.$retryable !== undefined) return true;
  if (NETWORK_CODES.has(errorCode(error)) || error.name === 'TimeoutError') return true;
  const metadata = '$metadata' in error ? error.$metadata : undefined;
  const status =
    typeof metadata === 'object' && metadata !== null && 'httpStatusCode' in metadata
      ? metadata.httpStatusCode
      : undefined;
  return (
    /Throttl|ProvisionedThroughputExceeded|RequestLimitExceeded/.test(error.name) ||
    (typeof status === 'number' && status >= 500)
  );
}
