import { DescribeTableCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  type _Record,
  DescribeStreamCommand,
  type DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
} from '@aws-sdk/client-dynamodb-streams';
import type { ItemChange } from '../../dynamodb/item-change.ts';
import { parseArn, sourceName } from '../arn.ts';
import { isNotFound } from '../aws-clients.ts';
import { POLL_INTERVAL_MS, READ_LIMIT, RETENTION_MS } from './dynamodb-stream.ts';
import { isUnchanged, itemChangeRecord } from './item-change-record.ts';
import { openIteratorReader } from './iterator-reader.ts';
import type { ShardDescription, ShardPosition, ShardSource } from './shard-source.ts';

/**
 * The stream of a DynamoDB table, read by the API of any DynamoDB. The label `local` in the ARN stands for the table's current
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
        const records = (answer.Records ?? []).map((record) =>
          itemChangeRecord(toChange(record), streamArn),
        );
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
    accepts: (record) => record.arrivedAt >= createdAt && !isUnchanged(record),

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

function toChange({ eventName, dynamodb = {}, userIdentity }: _Record): ItemChange {
  const createdAt = dynamodb.ApproximateCreationDateTime?.getTime() ?? 0;
  return {
    sequenceNumber: dynamodb.SequenceNumber ?? '',
    eventName,
    createdAt: Math.floor(createdAt / 1_000),
    keys: dynamodb.Keys ?? {},
    newImage: dynamodb.NewImage,
    oldImage: dynamodb.OldImage,
    sizeBytes: dynamodb.SizeBytes,
    viewType: dynamodb.StreamViewType,
    userIdentity: userIdentity && {
      ...(userIdentity.Type !== undefined && { type: userIdentity.Type }),
      ...(userIdentity.PrincipalId !== undefined && { principalId: userIdentity.PrincipalId }),
    },
  };
}

function withRegion(arn: string, region: string): string {
  return arn.replace(/^(arn:[^:]+:[^:]+):[^:]*:/, `$1:${region}:`);
}
