/** The AWS pages that the rules of Kinesis Data Streams come from. */
const api = 'https://docs.aws.amazon.com/kinesis/latest/APIReference';
const guide = 'https://docs.aws.amazon.com/streams/latest/dev';

export const pages = {
  putRecord: `${api}/API_PutRecord.html`,
  putRecords: `${api}/API_PutRecords.html`,
  getRecords: `${api}/API_GetRecords.html`,
  iterators: `${api}/API_GetShardIterator.html`,
  split: `${api}/API_SplitShard.html`,
  merge: `${api}/API_MergeShards.html`,
  scale: `${api}/API_UpdateShardCount.html`,
  limits: `${guide}/service-sizes-and-limits.html`,
  keys: `${guide}/key-concepts.html`,
  aggregation: `${guide}/kinesis-kpl-concepts.html`,
  consumers: `${api}/API_RegisterStreamConsumer.html`,
} as const;
