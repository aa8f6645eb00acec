import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';

/** A user record as a producer hands it over. */
export interface Produced {
  readonly partitionKey: string;
  readonly explicitHashKey?: string;
  readonly data: Buffer;
}

/** What AWS's own de-aggregation makes of a record. */
export interface Deaggregated {
  readonly partitionKey: string;
  /** Base64. */
  readonly data: string;
}

/** The fields of the message as its definition names them. */
export interface AggregateMessage {
  readonly partition_key_table: readonly string[];
  readonly explicit_hash_key_table?: readonly string[];
  readonly records: readonly {
    readonly partition_key_index: number;
    readonly explicit_hash_key_index?: number;
    readonly data: Buffer;
    readonly tags?: readonly { readonly key: string; readonly value?: string }[];
  }[];
}

// Its declarations need the whole SDK of version 2, so they are said here.
const require = createRequire(import.meta.url);
const library: {
  RecordAggregator: new () => {
    addUserRecord(record: Produced): void;
    build(): { readonly data: Buffer };
  };
  deaggregateSync(
    record: { readonly data: string; readonly sequenceNumber: string },
    computeChecksums: boolean,
    done: (error: Error | null | undefined, records?: Deaggregated[]) => void,
  ): void;
} = require('aws-kinesis-agg');
const definition: {
  AggregatedRecord: { encode(message: AggregateMessage): { finish(): Uint8Array } };
} = require('aws-kinesis-agg/lib/common');

/**
 * One Kinesis record of several user records, made by AWS's library. It mixes up keys that look like
 * whole numbers (it reads its table in the order of an object's keys): give it none.
 */
export function aggregate(records: readonly Produced[]): Buffer {
  const aggregator = new library.RecordAggregator();
  for (const record of records) aggregator.addUserRecord(record);
  return aggregator.build().data;
}

/** What AWS's library makes of it. @throws when it refuses it. */
export function deaggregate(data: Buffer): Deaggregated[] {
  let outcome: { error: Error | null | undefined; records?: Deaggregated[] } | undefined;
  library.deaggregateSync(
    { data: data.toString('base64'), sequenceNumber: '1' },
    true,
    (error, records) => {
      outcome ??= { error, ...(records && { records }) };
    },
  );
  if (outcome?.error) throw outcome.error;
  return outcome?.records ?? [];
}

/** A message that no producer's interface would let through. */
export function aggregateOf(message: AggregateMessage): Buffer {
  return sealed(definition.AggregatedRecord.encode(message).finish());
}

/** Magic number and right checksum around any bytes. */
export function sealed(message: Uint8Array): Buffer {
  const checksum = createHash('md5').update(message).digest();
  return Buffer.concat([Buffer.from('f3899ac2', 'hex'), message, checksum]);
}
