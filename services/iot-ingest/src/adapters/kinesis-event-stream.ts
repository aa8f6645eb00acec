import { type KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { type SendOptions, sendRecords, TransientError } from '@millrace/middleware';
import { DEFAULT_TENANT, partitionKeyOf } from '@millrace/types';
import type { EventStream } from '../domain/ports.ts';

export interface KinesisEventStreamOptions extends Omit<SendOptions, 'put'> {
  readonly client: KinesisClient;
  readonly stream: string;
}

/** The stream `events`: one CloudEvent in JSON per record, a device's events under one partition key. */
export function kinesisEventStream(options: KinesisEventStreamOptions): EventStream {
  const { client, stream, ...sending } = options;
  const put: SendOptions['put'] = async (records) => {
    const { Records = [] } = await client.send(
      new PutRecordsCommand({
        StreamName: stream,
        Records: records.map(({ partitionKey, data }) => ({
          PartitionKey: partitionKey,
          Data: data,
        })),
      }),
    );
    // One result per record, says the API: a missing one must not read as "taken".
    return records.map((_, index) => {
      const result = Records[index];
      return result ? result.ErrorCode : 'ResultMissing';
    });
  };
  return {
    async put(event) {
      const record = {
        partitionKey: partitionKeyOf(event, event.tenant ?? DEFAULT_TENANT),
        data: Buffer.from(JSON.stringify(event)),
      };
      const [unsent] = await sendRecords([record], { ...sending, put });
      if (unsent) {
        throw new TransientError(
          'stream_unavailable',
          `The stream does not take the event (${unsent.code}); it is tried again.`,
        );
      }
    },
  };
}
