import type { DynamoDBRecord, KinesisStreamRecord } from 'aws-lambda';

/** A record of a stream, whichever the stream. */
export interface StreamRecord<T, Raw = KinesisStreamRecord | DynamoDBRecord> {
  /** Unique in its stream and the same in every delivery: the event id, with `/n` for the nth (from 0) of an aggregated record. */
  readonly id: string;
  /** Kinesis: the shard. DynamoDB, which does not tell it: the stream's label. */
  readonly shardId: string;
  /** User records of an aggregated record share it. */
  readonly sequenceNumber: string;
  /** Kinesis: the partition key, of an aggregated record the user record's own. DynamoDB: the item's key as JSON with sorted names. */
  readonly partitionKey: string;
  /** When the stream took it (ISO 8601); event time is in the value. */
  readonly arrivedAt: string;
  /** The same in milliseconds since the epoch. */
  readonly arrivedAtMs: number;
  readonly value: T;
  readonly raw: Raw;
}
