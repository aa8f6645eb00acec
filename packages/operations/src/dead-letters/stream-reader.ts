import {
  type _Record,
  type DynamoDBStreamsClient,
  GetRecordsCommand as GetChangesCommand,
  GetShardIteratorCommand as GetChangesIteratorCommand,
} from '@aws-sdk/client-dynamodb-streams';
import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  type KinesisClient,
  type _Record as KinesisRecord,
} from '@aws-sdk/client-kinesis';
import type { Range } from './queue-messages.ts';
import type { StreamReader, StreamRecord } from './read-range.ts';
import { eventOfChange } from './stream-events.ts';

export interface StreamClients {
  readonly kinesis: KinesisClient;
  readonly changes: DynamoDBStreamsClient;
  /** The id of a change in an event of Lambda. */
  readonly changeId: (streamArn: string, record: _Record) => string;
}

/** Reads pages of Kinesis and DynamoDB Streams as records of Lambda's events. */
export function streamReader({ kinesis, changes, changeId }: StreamClients): StreamReader {
  return {
    async iterator({ streamArn: StreamARN, shardId: ShardId }, from, isAfter) {
      const ShardIteratorType = isAfter ? 'AFTER_SEQUENCE_NUMBER' : 'AT_SEQUENCE_NUMBER';
      if (isTable(StreamARN)) {
        const place = { StreamArn: StreamARN, ShardId, ShardIteratorType, SequenceNumber: from };
        const command = new GetChangesIteratorCommand({ ...place, ShardIteratorType });
        return (await changes.send(command)).ShardIterator;
      }
      const place = { StreamARN, ShardId, StartingSequenceNumber: from };
      const command = new GetShardIteratorCommand({ ...place, ShardIteratorType });
      return (await kinesis.send(command)).ShardIterator;
    },
    async page({ streamArn, shardId }, ShardIterator) {
      const Limit = 1000;
      if (isTable(streamArn)) {
        const answer = await changes.send(new GetChangesCommand({ ShardIterator, Limit }));
        const records = (answer.Records ?? []).map((record) => ({
          sequenceNumber: record.dynamodb?.SequenceNumber ?? '',
          event: eventOfChange(record, streamArn, changeId(streamArn, record)),
        }));
        return { records, next: answer.NextShardIterator, isAtEnd: false };
      }
      const query = { ShardIterator, Limit, StreamARN: streamArn };
      const answer = await kinesis.send(new GetRecordsCommand(query));
      const records = (answer.Records ?? []).map((one) => recordOf(one, { streamArn, shardId }));
      const { NextShardIterator: next, MillisBehindLatest } = answer;
      return { records, next, isAtEnd: MillisBehindLatest === 0 };
    },
  };
}

const isTable = (streamArn: string) => streamArn.split(':')[2] === 'dynamodb';

/** https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html (example event) */
function recordOf(
  { SequenceNumber = '', PartitionKey, Data, ApproximateArrivalTimestamp }: KinesisRecord,
  { streamArn, shardId }: Pick<Range, 'streamArn' | 'shardId'>,
): StreamRecord {
  return {
    sequenceNumber: SequenceNumber,
    event: {
      eventID: `${shardId}:${SequenceNumber}`,
      eventName: 'aws:kinesis:record',
      eventVersion: '1.0',
      eventSource: 'aws:kinesis',
      eventSourceARN: streamArn,
      awsRegion: streamArn.split(':')[3],
      kinesis: {
        kinesisSchemaVersion: '1.0',
        partitionKey: PartitionKey,
        sequenceNumber: SequenceNumber,
        data: Buffer.from(Data ?? []).toString('base64'),
        approximateArrivalTimestamp: (ApproximateArrivalTimestamp?.getTime() ?? 0) / 1000,
      },
    },
  };
}
