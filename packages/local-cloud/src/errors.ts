/**
 * A problem of the local set-up that the person at the terminal can mend.
 * `message` is one line that says what happened and what to do; it is printed without a stack trace.
 */
export class LocalCloudError extends Error {
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'LocalCloudError';
    this.code = code;
  }
}
