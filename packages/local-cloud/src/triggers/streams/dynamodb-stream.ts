/** How Lambda reads a stream of DynamoDB; times in milliseconds. */
export const POLL_INTERVAL_MS = 250;
export const READ_LIMIT = 1_000;

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html */
export const RETENTION_MS = 24 * 3_600_000;
