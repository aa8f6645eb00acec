import { type KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { isBusy } from '@millrace/middleware/http';
import type { Backoff, EventStream } from '../domain/events/ports.ts';

/** The stream `events`. */
export function kinesisEventStream(client: KinesisClient, stream: string): EventStream {
  return {
    async put(entries) {
      const command = new PutRecordsCommand({
        StreamName: stream,
        Records: entries.map(({ data, partitionKey }) => ({
          Data: data,
          PartitionKey: partitionKey,
        })),
      });
      try {
        const { Records = [] } = await client.send(command);
        return entries.map((_, index) => Records[index]?.SequenceNumber !== undefined);
      } catch (error) {
        // Nothing is known of the batch: some of it may be on the stream, where its ids are known.
        if (isBusy(error)) return entries.map(() => false);
        throw error;
      }
    },
  };
}

const FIRST_DELAY_MS = 100;

/** 100, 200, 400, 800 ms, each with full jitter: retries of many callers must not come in waves. */
export const jitteredBackoff: Backoff = (attempt) =>
  new Promise((resolve) => {
    setTimeout(resolve, Math.random() * FIRST_DELAY_MS * 2 ** (attempt - 1));
  });
