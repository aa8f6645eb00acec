/**
 * Trying again will not help: the record leaves the stream at once, into the dead letters, and an
 * operator decides. `code` is stable (docs/errors.md); `message` is shown to operators and may be
 * shown to the sender, so it holds no values of the input.
 */
export class PermanentError extends Error {
  override readonly name = 'PermanentError';
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Trying again may help: the record is retried within its trigger's bounds. */
export class TransientError extends Error {
  override readonly name = 'TransientError';
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The environment of a function is not what it needs. The caller can only deploy it rightly. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly code = 'config_invalid';
}

/**
 * Only what we know to be hopeless is permanent. Everything else (throttles, 5xx, broken
 * connections, timeouts, and bugs) is transient: it is retried, and when the trigger's retries are
 * used up its on-failure destination keeps it. A wrong "permanent" would cost a record its retries;
 * a wrong "transient" costs only time.
 */
export function classify(error: unknown): 'permanent' | 'transient' {
  return error instanceof PermanentError ? 'permanent' : 'transient';
}

/**
 * A stable name for logs, metrics and dead letters: the `code` of our own errors and of Node's
 * (`ECONNRESET`), the exception's name for the AWS SDK's (`ThrottlingException`).
 */
export function errorCode(error: unknown): string {
  if (!(error instanceof Error)) return 'unexpected_error';
  if ('code' in error && typeof error.code === 'string') return error.code;
  return error.name === 'Error' ? 'unexpected_error' : error.name;
}

/** What to tell of an error in a dead letter. */
export function reasonOf(error: unknown): { code: string; message: string } {
  return {
    code: errorCode(error),
    message: error instanceof Error ? error.message : 'A value that is no Error was thrown.',
  };
}
