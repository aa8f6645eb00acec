/**
 * Table `commands`: partition key `deviceId`, sort key `commandId`. `sent` ends in one of the other
 * states, by a conditional write, and stays there.
 */
export interface CommandItem {
  readonly deviceId: string;
  /** Begins with its time, so that commands sort by it. */
  readonly commandId: string;
  readonly tenant: string;
  readonly name: string;
  /** JSON text: DynamoDB's own types would change numbers and empty values. */
  readonly payload?: string;
  readonly state: 'sent' | 'succeeded' | 'failed' | 'timed_out';
  readonly createdAt: string;
  /** Milliseconds since the epoch. */
  readonly timeoutAt: number;
  readonly result?: CommandResultItem;
  /** What came after the time was over. */
  readonly lateResult?: CommandResultItem;
  /** TTL, seconds since the epoch. */
  readonly expiresAt: number;
}

export interface CommandResultItem {
  readonly outcome: 'succeeded' | 'failed';
  /** JSON text. */
  readonly payload?: string;
  /** When it came to the broker, milliseconds since the epoch. */
  readonly at: number;
}
