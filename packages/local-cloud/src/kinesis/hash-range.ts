import { createHash } from 'node:crypto';

/** A hash key has 128 bits. */
const HASH_DIGITS = 32;

/** An open shard; the ends of its hash range (inclusive) as 32 hexadecimal digits. */
export interface OpenShard {
  readonly shardId: string;
  readonly from: string;
  readonly to: string;
}

/** A shard as DescribeStream tells of it. */
export interface DescribedShard {
  readonly ShardId: string;
  readonly HashKeyRange: { readonly StartingHashKey: string; readonly EndingHashKey: string };
  readonly SequenceNumberRange: { readonly EndingSequenceNumber?: string };
}

/** Those that were neither split nor merged. */
export function openShards<Shard extends DescribedShard>(
  shards: readonly Shard[],
): (OpenShard & { readonly shard: Shard })[] {
  return shards
    .filter(({ SequenceNumberRange }) => SequenceNumberRange.EndingSequenceNumber === undefined)
    .map((shard) => ({
      shard,
      shardId: shard.ShardId,
      from: hex(shard.HashKeyRange.StartingHashKey),
      to: hex(shard.HashKeyRange.EndingHashKey),
    }));
}

/**
 * The shard whose hash range holds the record: by the MD5 of its partition key, or by its explicit
 * hash key (decimal). `undefined` for a hash key that no shard may have, and while a stream without open
 * shards is being made or deleted.
 * https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecord.html
 */
export function shardOf<Shard extends OpenShard>(
  shards: readonly Shard[],
  partitionKey: string,
  explicitHashKey: string | undefined,
): Shard | undefined {
  const hash =
    explicitHashKey === undefined
      ? createHash('md5').update(partitionKey).digest('hex')
      : hex(explicitHashKey);
  if (hash.length > HASH_DIGITS) return undefined;
  return shards.find(({ from, to }) => from <= hash && hash <= to);
}

function hex(decimal: string): string {
  return BigInt(decimal).toString(16).padStart(HASH_DIGITS, '0');
}
