import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import {
  type AttributeValue,
  DescribeTableCommand,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import {
  type _Record,
  DescribeStreamCommand,
  type DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
} from '@aws-sdk/client-dynamodb-streams';
import { parseArn, sourceName } from '../arn.ts';
import { isNotFound } from '../aws-clients.ts';
import { openIteratorReader } from './iterator-reader.ts';
import {
  type ShardDescription,
  type ShardPosition,
  type ShardSource,
  type StreamRecord,
  streamRecord,
} from './shard-source.ts';

const READ_LIMIT = 1_000;
const POLL_INTERVAL_MS = 250;

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html */
const RETENTION_MS = 24 * 3_600_000;

/**
 * The stream of a DynamoDB table. The label `local` in the ARN stands for the table's current
 * stream, whose own label nobody can know beforehand.
 */
export function createDynamodbSource(options: {
  client: DynamoDBClient;
  streams: DynamoDBStreamsClient;
  sourceArn: string;
  /** Default: AWS's interval. */
  idlePollIntervalMs?: number | undefined;
}): ShardSource {
  const { client, streams, sourceArn } = options;
  const { region } = parseArn(sourceArn);
  /** As the engine names it; what functions see has the region of the mapping. */
  let engineArn = sourceArn;
  let streamArn = sourceArn;
  let createdAt = 0;

  function open(shardId: string, position: ShardPosition) {
    return openIteratorReader({
      position,
      async iterator(from) {
        const place = { StreamArn: engineArn, ShardId: shardId, ...iteratorType(from) };
        return (await streams.send(new GetShardIteratorCommand(place))).ShardIterator;
      },
      async records(ShardIterator, Limit) {
        const answer = await streams.send(new GetRecordsCommand({ ShardIterator, Limit }));
        const records = (answer.Records ?? []).map((record) => toRecord(record, streamArn));
        return { records, next: answer.NextShardIterator };
      },
    });
  }

  return {
    kind: 'dynamodb',
    pollIntervalMs: POLL_INTERVAL_MS,
    idlePollIntervalMs: options.idlePollIntervalMs ?? POLL_INTERVAL_MS,
    readLimit: READ_LIMIT,
    // AWS never uses a shard id twice; the engine goes on counting in the same shard.
    keepsShardsOverIdentities: true,
    // The engine shows a new table the records of the one of the same name that was deleted.
    accepts: (record) => record.arrivedAt >= createdAt && !isUnchanged(record.event),

    async describe() {
      try {
        const TableName = sourceName(sourceArn);
        const { Table } = await client.send(new DescribeTableCommand({ TableName }));
        const latest = Table?.LatestStreamArn;
        if (!latest || Table?.StreamSpecification?.StreamEnabled === false) return undefined;
        engineArn = sourceArn.endsWith('/stream/local') ? latest : sourceArn;
        streamArn = withRegion(engineArn, region);
        return { identity: streamArn, streamArn, retentionMs: RETENTION_MS };
      } catch (error) {
        if (isNotFound(error)) return undefined;
        throw error;
      }
    },

    async listShards() {
      const shards: ShardDescription[] = [];
      let ExclusiveStartShardId: string | undefined;
      do {
        const page = {
          StreamArn: engineArn,
          ...(ExclusiveStartShardId && { ExclusiveStartShardId }),
        };
        const { StreamDescription } = await streams.send(new DescribeStreamCommand(page));
        // In whole seconds, as the arrival of the records is.
        createdAt = StreamDescription?.CreationRequestDateTime?.getTime() ?? 0;
        for (const shard of StreamDescription?.Shards ?? []) {
          const parents = shard.ParentShardId ? [shard.ParentShardId] : [];
          // The engine shows an ending sequence number on its open shard too: it says nothing here.
          shards.push({ shardId: shard.ShardId ?? '', parents, closed: false });
        }
        ExclusiveStartShardId = StreamDescription?.LastEvaluatedShardId;
      } while (ExclusiveStartShardId);
      return shards;
    },

    // An iterator of type LATEST does not survive a restart; the last sequence number does.
    async latest(shardId) {
      const reader = open(shardId, { kind: 'trim-horizon' });
      let last: ShardPosition = { kind: 'trim-horizon' };
      for (;;) {
        const { records, ended } = await reader.read(READ_LIMIT);
        const tail = records.at(-1);
        if (tail) last = { kind: 'after', sequenceNumber: tail.sequenceNumber };
        if (ended || !tail) return last;
      }
    },

    open,
  };
}

/**
 * A write that changed nothing. DynamoDB writes no record for it; the engine does.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html
 */
function isUnchanged(event: Readonly<Record<string, unknown>>): boolean {
  const change = event.dynamodb as { NewImage?: unknown; OldImage?: unknown } | undefined;
  if (!change?.NewImage || !change.OldImage) return false;
  return isDeepStrictEqual(change.NewImage, change.OldImage);
}

function iteratorType(position: ShardPosition) {
  switch (position.kind) {
    case 'trim-horizon':
      return { ShardIteratorType: 'TRIM_HORIZON' } as const;
    case 'after':
      return {
        ShardIteratorType: 'AFTER_SEQUENCE_NUMBER',
        SequenceNumber: position.sequenceNumber,
      } as const;
    case 'at-timestamp':
      throw new Error('DynamoDB Streams cannot be read from a timestamp.');
  }
}

/** https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html (example event) */
function toRecord(record: _Record, streamArn: string): StreamRecord {
  const change = record.dynamodb ?? {};
  const sequenceNumber = change.SequenceNumber ?? '';
  const keys = image(change.Keys);
  const arrivedAt = change.ApproximateCreationDateTime?.getTime() ?? 0;
  const { userIdentity } = record;
  return streamRecord({
    sequenceNumber,
    orderingKey: JSON.stringify(keys),
    arrivedAt,
    event: {
      eventID: eventId(streamArn, sequenceNumber),
      eventName: record.eventName,
      eventVersion: record.eventVersion ?? '1.1',
      eventSource: 'aws:dynamodb',
      awsRegion: parseArn(streamArn).region,
      dynamodb: {
        ApproximateCreationDateTime: Math.floor(arrivedAt / 1000),
        Keys: keys,
        ...(change.NewImage && { NewImage: image(change.NewImage) }),
        ...(change.OldImage && { OldImage: image(change.OldImage) }),
        SequenceNumber: sequenceNumber,
        SizeBytes: change.SizeBytes,
        StreamViewType: change.StreamViewType,
      },
      ...(userIdentity?.PrincipalId && {
        userIdentity: { type: userIdentity.Type, principalId: userIdentity.PrincipalId },
      }),
      eventSourceARN: streamArn,
    },
  });
}

/** AWS's ids are unique over all streams; the engine counts from 1 in each. */
function eventId(streamArn: string, sequenceNumber: string): string {
  return createHash('md5').update(`${streamArn}/${sequenceNumber}`).digest('hex');
}

type Image = Record<string, AttributeValue>;

/** Attribute values as the wire has them: binary in base64, attribute names in a fixed order. */
function image(attributes: Image | undefined): Record<string, unknown> {
  const names = Object.keys(attributes ?? {}).sort();
  return Object.fromEntries(names.map((name) => [name, wireValue(attributes?.[name])]));
}

function wireValue(value: AttributeValue | undefined): unknown {
  if (value?.B !== undefined) return { B: base64(value.B) };
  // Sets have no order: a fixed one makes equal images equal.
  if (value?.BS !== undefined) return { BS: value.BS.map(base64).sort() };
  if (value?.SS !== undefined) return { SS: value.SS.toSorted() };
  if (value?.NS !== undefined) return { NS: value.NS.toSorted() };
  if (value?.L !== undefined) return { L: value.L.map(wireValue) };
  if (value?.M !== undefined) return { M: image(value.M) };
  return value;
}

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');

function withRegion(arn: string, region: string): string {
  return arn.replace(/^(arn:[^:]+:[^:]+):[^:]*:/, `$1:${region}:`);
}
