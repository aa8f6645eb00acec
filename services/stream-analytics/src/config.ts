import { readConfig } from '@millrace/middleware';
import * as z from 'zod/mini';

const name = z.string().check(z.minLength(1));

/** Environment of `countEvents`. */
export function readCountingConfig() {
  return readConfig(
    z.object({
      /** Counts and sums per window. */
      METRICS_TABLE: name,
      /** What is known of visitors, users and devices. */
      STATES_TABLE: name,
      /** Which events were processed. */
      SEEN_EVENTS_TABLE: name,
      DEAD_LETTERS_TABLE: name,
    }),
  );
}

/** Environment of `projectOrders`. */
export function readOrdersConfig() {
  return readConfig(
    z.object({
      ORDERS_TABLE: name,
      /** Revenue, units and refunds. */
      METRICS_TABLE: name,
      /** What is booked of an order. */
      STATES_TABLE: name,
      DEAD_LETTERS_TABLE: name,
    }),
  );
}

/** Environment of `watchDevices`. */
export function readWatchConfig() {
  return readConfig(z.object({ STATES_TABLE: name, ALERTS_TOPIC_ARN: name }));
}

/** Environment of `watchMetrics`. */
export function readMetricWatchConfig() {
  return readConfig(z.object({ METRICS_TABLE: name, STATES_TABLE: name, ALERTS_TOPIC_ARN: name }));
}

/** Environment of `archiveEvents`. */
export function readArchiveConfig() {
  return readConfig(
    z.object({
      ARCHIVE_BUCKET: name,
      /** One key per tenant, made by the function itself. */
      PSEUDONYM_KEYS_BUCKET: name,
      DEAD_LETTERS_TABLE: name,
    }),
  );
}

/** Environment of `indexDocuments`. */
export function readDocumentsConfig() {
  return readConfig(
    z.object({
      DOCUMENTS_TABLE: name,
      /** Owned by file-processing; what documents are found by lies beside what files are. */
      SEARCH_TABLE: name,
      DEAD_LETTERS_TABLE: name,
    }),
  );
}
