/** The bytes themselves are at fault. A processor answers with a rejection of the same words. */
export class ContentError extends Error {
  override readonly name = 'ContentError';
  /** Stable, snake_case. */
  readonly code: string;

  /** @param message for the sender: what is wrong, and what to do about it */
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
