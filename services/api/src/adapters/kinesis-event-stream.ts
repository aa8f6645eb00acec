import { type KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { logger, MetricUnit, metrics, sendRecords } from '@millrace/middleware';
import type { EventStream, StreamEntry } from '../domain/events/ports.ts';

/** With the waits between them this stays far below the 30 s that the gateway waits. */
const ATTEMPTS = 6;

/** The stream `events`. */
export function kinesisEventStream(client: KinesisClient, stream: string): EventStream {
  const put = async (entries: readonly StreamEntry[]) => {
    const { Records = [] } = await client.send(
      new PutRecordsCommand({
        StreamName: stream,
        Records: entries.map(({ data, partitionKey }) => ({
          Data: data,
          PartitionKey: partitionKey,
        })),
      }),
    );
    // One result per record, says the API: a missing one must not read as "taken".
    return entries.map((_, index) => {
      const result = Records[index];
      return result ? result.ErrorCode : 'ResultMissing';
    });
  };
  return {
    async send(entries) {
      const unsent = await sendRecords(entries, { put, attempts: ATTEMPTS });
      if (unsent.length > 0) {
        metrics.addMetric('EventsUnsent', MetricUnit.Count, unsent.length);
        logger.warn('events_unsent', {
          count: unsent.length,
          codes: [...new Set(unsent.map(({ code }) => code))],
        });
      }
      return new Set(unsent.map(({ index }) => index));
    },
  };
}
