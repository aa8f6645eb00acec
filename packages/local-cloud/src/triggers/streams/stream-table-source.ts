import type { StreamTable } from '../../dynamodb/stream-table.ts';
import { sourceName } from '../arn.ts';
import { POLL_INTERVAL_MS, READ_LIMIT, RETENTION_MS } from './dynamodb-stream.ts';
import { isUnchanged, itemChangeRecord } from './item-change-record.ts';
import type { ShardPosition, ShardSource, StreamRecord } from './shard-source.ts';

/**
 * The stream of a table of the embedded engine, read where it is. The label `local` in the ARN stands
 * for the table's current stream, whose own label nobody can know beforehand.
 */
export function createStreamTableSource(options: {
  streams: StreamTable;
  sourceArn: string;
  /** Default: AWS's interval. */
  idlePollIntervalMs?: number | undefined;
}): ShardSource {
  const { streams, sourceArn } = options;
  const table = sourceName(sourceArn);
  let streamArn = sourceArn;

  /** The place moves on only when the records are there: what fails is read again. */
  function recordsAfter(place: string, limit: number): { records: StreamRecord[]; last: string } {
    let after = place;
    for (;;) {
      const { changes, last } = streams.read(table, after, limit);
      const all = changes.map((change) => itemChangeRecord(change, streamArn));
      const records = all.filter((record) => !isUnchanged(record));
      // No records would mean that there are none after these.
      if (records.length > 0 || last === after) return { records, last };
      after = last;
    }
  }

  return {
    kind: 'dynamodb',
    pollIntervalMs: POLL_INTERVAL_MS,
    idlePollIntervalMs: options.idlePollIntervalMs ?? POLL_INTERVAL_MS,
    readLimit: READ_LIMIT,
    // AWS never uses a shard id twice; the engine goes on counting in the same shard.
    keepsShardsOverIdentities: true,
    accepts: () => true,

    async describe() {
      const stream = streams.describe(table);
      if (!stream?.isEnabled || stream.label === undefined) return undefined;
      streamArn = sourceArn.replace(/\/stream\/local$/, `/stream/${stream.label}`);
      return { identity: streamArn, streamArn, retentionMs: RETENTION_MS };
    },

    async listShards() {
      const stream = streams.describe(table);
      return stream ? [{ shardId: stream.shardId, parents: [], closed: false }] : [];
    },

    async latest() {
      const sequenceNumber = streams.last(table);
      if (sequenceNumber === undefined) return { kind: 'trim-horizon' };
      return { kind: 'after', sequenceNumber };
    },

    open(_shardId, position) {
      let place = firstPlace(position);
      return {
        async read(limit) {
          const { records, last } = recordsAfter(place, limit);
          place = last;
          return { records, ended: false };
        },
      };
    },
  };
}

function firstPlace(position: ShardPosition): string {
  switch (position.kind) {
    case 'trim-horizon':
      return '0';
    case 'after':
      return position.sequenceNumber;
    case 'at-timestamp':
      throw new Error('DynamoDB Streams cannot be read from a timestamp.');
  }
}
