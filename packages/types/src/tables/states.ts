/**
 * Table `states`: what pipelines of stream-analytics know of a key (a visitor, a user, a device), and
 * the documents that readers list. Keys begin with the tenant.
 */
export interface StateItem {
  readonly pk: string;
  readonly sk: string;
  /** JSON. */
  readonly state: string;
  /** Of a state that is read and written again; documents have none. */
  readonly version?: number;
  /** Seconds since the epoch. */
  readonly expiresAt?: number;
}
