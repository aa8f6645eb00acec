import { deepEqual, equal, ok } from 'node:assert/strict';
import {
  PutRecordCommand,
  PutRecordsCommand,
  type PutRecordsResultEntry,
} from '@aws-sdk/client-kinesis';
import type { Rule } from '../../rule.ts';
import type { Stage } from '../../stage/stage.ts';
import { refusal } from '../expectations.ts';
import { pages } from './pages.ts';

const MEBIBYTE = 1024 * 1024;
const THROTTLED = 'ProvisionedThroughputExceededException';

const sized = (bytes: number, PartitionKey = 'key') => ({
  PartitionKey,
  Data: Buffer.alloc(bytes, 'x'),
});

const putRecords = (stage: Stage, StreamName: string, Records: ReturnType<typeof sized>[]) =>
  stage.clients.kinesis.send(new PutRecordsCommand({ StreamName, Records }));

/** Keys that fall into either half of the hash keys. */
async function keyOfEachShard(stage: Stage, stream: string): Promise<[string, string]> {
  const Records = Array.from({ length: 16 }, (_, n) => sized(1, `key${n}`));
  const { Records: results = [] } = await putRecords(stage, stream, Records);
  const [first] = results;
  const other = results.findIndex(({ ShardId }) => ShardId !== first?.ShardId);
  ok(other > 0, 'sixteen keys fell into one shard of two');
  return ['key0', `key${other}`];
}

const refusedAs = (results: readonly PutRecordsResultEntry[] | undefined) =>
  new Set((results ?? []).flatMap(({ ErrorCode }) => ErrorCode ?? []));

export const writing: readonly Rule[] = [
  {
    id: 'kinesis/put-records-takes-500-records',
    title: 'PutRecords takes at most 500 records',
    page: pages.putRecords,
    async run(stage) {
      const { name } = await stage.stream();
      const records = (count: number) => Array.from({ length: count }, () => sized(1));
      const { FailedRecordCount } = await putRecords(stage, name, records(500));
      equal(FailedRecordCount ?? 0, 0);
      const { status } = await refusal(putRecords(stage, name, records(501)));
      equal(status, 400);
    },
  },
  {
    id: 'kinesis/put-records-takes-5-mib',
    title: 'PutRecords takes at most 5 MiB, partition keys included',
    page: pages.putRecords,
    async run(stage) {
      const { name } = await stage.stream();
      const records = Array.from({ length: 6 }, (_, n) => sized(0.9 * MEBIBYTE, `key${n}`));
      equal((await refusal(putRecords(stage, name, records))).status, 400);
    },
  },
  {
    id: 'kinesis/a-record-has-at-most-1-mib',
    title: 'A record has at most 1 MiB unless the stream is set to take larger ones',
    page: pages.putRecord,
    async run(stage) {
      const { name: StreamName } = await stage.stream();
      const put = new PutRecordCommand({ StreamName, ...sized(MEBIBYTE + 1) });
      equal((await refusal(stage.clients.kinesis.send(put))).status, 400);
    },
  },
  {
    id: 'kinesis/put-records-is-not-atomic',
    title:
      'PutRecords is not atomic: what a shard has no room for fails with a code of its own, the rest is stored',
    page: pages.putRecords,
    async run(stage) {
      const { name } = await stage.stream();
      const records = Array.from({ length: 4 }, () => sized(0.6 * MEBIBYTE));
      const { FailedRecordCount, Records = [] } = await putRecords(stage, name, records);
      equal(Records.length, 4);
      const failed = Records.filter(({ ErrorCode }) => ErrorCode !== undefined);
      equal(FailedRecordCount, failed.length);
      ok(failed.length > 0 && failed.length < 4, `${failed.length} of 4 records failed`);
      deepEqual([...refusedAs(Records)], [THROTTLED]);
      for (const { SequenceNumber, ShardId, ErrorCode, ErrorMessage } of Records) {
        if (ErrorCode === undefined) ok(SequenceNumber && ShardId);
        else ok(ErrorMessage && SequenceNumber === undefined);
      }
    },
  },
  {
    id: 'kinesis/a-shard-takes-1-mb-a-second',
    title: 'A shard takes 1 MB a second; above it PutRecord is refused',
    page: pages.limits,
    async run(stage) {
      const { name: StreamName } = await stage.stream();
      const put = () =>
        stage.clients.kinesis.send(new PutRecordCommand({ StreamName, ...sized(0.8 * MEBIBYTE) }));
      const codes = await Promise.all([put(), put(), put(), put()].map(refusal));
      ok(
        codes.some(({ code }) => code === THROTTLED),
        'four records of 0.8 MiB went in at once',
      );
    },
  },
  {
    id: 'kinesis/a-shard-takes-1000-records-a-second',
    title: 'A shard takes 1,000 records a second',
    page: pages.limits,
    async run(stage) {
      const { name } = await stage.stream();
      const records = Array.from({ length: 500 }, () => sized(1));
      const answers = await Promise.all(
        Array.from({ length: 6 }, () => putRecords(stage, name, records)),
      );
      const codes = answers.flatMap(({ Records }) => [...refusedAs(Records)]);
      ok(codes.includes(THROTTLED), '3,000 records went into one shard at once');
    },
  },
  {
    id: 'kinesis/a-full-shard-keeps-nobody-from-another',
    title: 'The limits are those of a shard: another shard of the stream still takes records',
    page: pages.limits,
    async run(stage) {
      const { name } = await stage.stream(2);
      const [full, free] = await keyOfEachShard(stage, name);
      await stage.rest(1_100);
      const records = Array.from({ length: 4 }, () => sized(0.6 * MEBIBYTE, full));
      const { Records = [] } = await putRecords(stage, name, [...records, sized(10, free)]);
      deepEqual([...refusedAs(Records)], [THROTTLED]);
      equal(Records.at(-1)?.ErrorCode, undefined);
    },
  },
  {
    id: 'kinesis/a-partition-key-stays-in-its-shard',
    title: 'Records of one partition key go to one shard, with growing sequence numbers',
    page: pages.keys,
    async run(stage) {
      const { name } = await stage.stream(2);
      const records = Array.from({ length: 10 }, () => sized(1, 'the same'));
      const { Records = [] } = await putRecords(stage, name, records);
      equal(new Set(Records.map(({ ShardId }) => ShardId)).size, 1);
      const numbers = Records.map(({ SequenceNumber }) => BigInt(SequenceNumber ?? 0));
      ok(numbers.every((number, index) => index === 0 || number > (numbers[index - 1] ?? 0n)));
    },
  },
  {
    id: 'kinesis/an-explicit-hash-key-chooses-the-shard',
    title: 'ExplicitHashKey chooses the shard instead of the partition key',
    page: pages.putRecord,
    async run(stage) {
      const { name: StreamName, describe } = await stage.stream(2);
      const { Shards = [] } = await describe();
      for (const { ShardId, HashKeyRange } of Shards) {
        const ExplicitHashKey = HashKeyRange?.EndingHashKey;
        const put = new PutRecordCommand({ StreamName, ...sized(1), ExplicitHashKey });
        equal((await stage.clients.kinesis.send(put)).ShardId, ShardId);
      }
    },
  },
];
