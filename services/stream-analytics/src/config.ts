import { readConfig } from '@millrace/middleware';
import * as z from 'zod/mini';

const name = z.string().check(z.minLength(1));

/** Environment of `countEvents`. */
export function readCountingConfig() {
  return readConfig(
    z.object({
      /** Counts and sums per minute. */
      METRICS_TABLE: name,
      /** Claims: which events are counted. */
      EVENT_IDS_TABLE: name,
      DEAD_LETTERS_TABLE: name,
    }),
  );
}

/** Environment of `projectOrders`. */
export function readOrdersConfig() {
  return readConfig(z.object({ ORDERS_TABLE: name, DEAD_LETTERS_TABLE: name }));
}
