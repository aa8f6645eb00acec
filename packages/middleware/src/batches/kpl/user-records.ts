import { createHash } from 'node:crypto';
import { PermanentError } from '../../errors.ts';
import { type Field, protobufFields } from './protobuf-fields.ts';

/** One of the records that a producer packed into a Kinesis record. */
export interface UserRecord {
  readonly partitionKey: string;
  /** A view into the Kinesis record. */
  readonly data: Buffer;
}

/** No text begins so: it is no UTF-8. */
const MAGIC = 0xf389_9ac2;
const MAGIC_BYTES = 4;
const DIGEST_BYTES = 16;
/**
 * Far more events than fit into a record of 1 MiB. The format itself packs a user record into six
 * bytes, and each could become a dead letter.
 */
const MOST_USER_RECORDS = 20_000;
/** https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecord.html */
const LONGEST_KEY = 256;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** All of `MAGIC` but its last two bits. */
const MAGIC_BASE64 = '84maw';

/** Whether it is worth while to read a record (base64, as Lambda writes it) and ask `isAggregated`. */
export function beginsAggregated(data: string): boolean {
  return data.startsWith(MAGIC_BASE64);
}

/**
 * Whether the Kinesis Producer Library packed several user records into this one: magic number,
 * message, MD5 of the message. As for the Kinesis Client Library, data that is too short for a
 * message is plain.
 * https://docs.aws.amazon.com/streams/latest/dev/kinesis-kpl-concepts.html
 */
export function isAggregated(data: Buffer): boolean {
  return data.length > MAGIC_BYTES + DIGEST_BYTES && data.readUInt32BE(0) === MAGIC;
}

/**
 * The user records of an aggregated record, in their order: at least one, all or none.
 *
 * @throws PermanentError `aggregate_invalid`
 */
export function userRecordsOf(aggregated: Buffer): UserRecord[] {
  const message = aggregated.subarray(MAGIC_BYTES, -DIGEST_BYTES);
  const digest = aggregated.subarray(-DIGEST_BYTES);
  try {
    if (!createHash('md5').update(message).digest().equals(digest)) {
      throw new RangeError('its checksum is another');
    }
    return readAggregate(message);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new PermanentError(
      'aggregate_invalid',
      `The record begins as one that a producer packed from several, but ${cause.message}.`,
      { cause },
    );
  }
}

/** AggregatedRecord: 1 partition keys, 2 hash keys, 3 records that name their keys by index. */
function readAggregate(message: Buffer): UserRecord[] {
  const partitionKeys: string[] = [];
  const hashKeys: string[] = [];
  const packed: Buffer[] = [];
  for (const field of protobufFields(message)) {
    if (field.number === 1) partitionKeys.push(partitionKeyOf(field));
    else if (field.number === 2) hashKeys.push(textOf(field));
    else if (field.number === 3) packed.push(bytesOf(field));
    if (packed.length > MOST_USER_RECORDS) throw new RangeError('it holds too many records');
  }
  if (packed.length === 0) throw new RangeError('it holds no record');
  return packed.map((one) => readUserRecord(one, partitionKeys, hashKeys));
}

/** Record: 1 index of its partition key, 2 index of its hash key (optional), 3 data, 4 tags. */
function readUserRecord(
  packed: Buffer,
  partitionKeys: readonly string[],
  hashKeys: readonly string[],
): UserRecord {
  let partitionKey: string | undefined;
  let data: Buffer | undefined;
  for (const field of protobufFields(packed)) {
    if (field.number === 1) partitionKey = keyAt(partitionKeys, field);
    else if (field.number === 2) keyAt(hashKeys, field);
    else if (field.number === 3) data = bytesOf(field);
  }
  if (partitionKey === undefined || data === undefined) {
    throw new RangeError('one of its records lacks its key or its data');
  }
  return { partitionKey, data };
}

function keyAt(keys: readonly string[], { value }: Field): string {
  const key = typeof value === 'number' ? keys[value] : undefined;
  if (key === undefined) throw new RangeError('one of its records names a key that it has not');
  return key;
}

function partitionKeyOf(field: Field): string {
  const key = textOf(field);
  const length = key.length > LONGEST_KEY ? [...key].length : key.length;
  if (length === 0 || length > LONGEST_KEY) {
    throw new RangeError('a partition key has not 1 to 256 characters');
  }
  return key;
}

function textOf(field: Field): string {
  try {
    return utf8.decode(bytesOf(field));
  } catch (cause) {
    throw new RangeError('a key is no text', { cause });
  }
}

function bytesOf({ value }: Field): Buffer {
  if (typeof value === 'number') throw new RangeError('a field is of another type');
  return value;
}
