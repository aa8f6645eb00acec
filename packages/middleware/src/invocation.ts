import type { Logger } from './logging.ts';

/** What a function may know of the call that it is in. */
export interface Invocation {
  readonly requestId: string;
  /** Full name, e.g. `millrace-etl-local-loadOrders`. */
  readonly functionName: string;
  readonly logger: Logger;
  /** Milliseconds until Lambda stops the function. */
  remainingMs(): number;
}
