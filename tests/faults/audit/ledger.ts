import type { _Record as ChangeRecord } from '@aws-sdk/client-dynamodb-streams';
import type { _Record as StreamRecord } from '@aws-sdk/client-kinesis';
import type { Platform } from '../platform/platform.ts';
import type { Clients } from '../workload/clients.ts';
import { changesTail, kinesisTail, type StreamTail } from './stream-tails.ts';

export const TABLES = ['files', 'orders', 'documents', 'devices'] as const;
export type TableName = (typeof TABLES)[number];

/** Everything that came to the streams of a platform since the last run was closed. */
export interface Ledger {
  /** Records of the stream `events`, by shard. */
  readonly events: ReadonlyMap<string, readonly StreamRecord[]>;
  changes(table: TableName): readonly ChangeRecord[];
  /** Reads on; answers whether every mapping has done all that was read. */
  readOn(): Promise<boolean>;
  /** Begins the next run. */
  turnPage(): void;
}

export function openLedger(platform: Platform, clients: Clients): Ledger {
  const stream = kinesisTail(clients, 'millrace-local-events');
  const tables = TABLES.map((table) => ({
    table,
    tail: changesTail(clients, `millrace-local-${table}`),
  }));
  const tailOf = (source: string) =>
    source.startsWith('arn:aws:kinesis:')
      ? stream
      : tables.find(({ table }) => source.includes(`:table/millrace-local-${table}/`))?.tail;
  const tails = [stream, ...tables.map(({ tail }) => tail)];

  return {
    events: stream.records,
    changes(table) {
      const tail = tables.find((one) => one.table === table)?.tail;
      return [...(tail?.records.values() ?? [])].flat();
    },
    async readOn() {
      await Promise.all(tails.map((tail) => tail.read()));
      return platform.cloud.status().mappings.every(({ source, shards }) => {
        const tail = tailOf(source);
        return !tail || hasReached(shards, tail);
      });
    },
    turnPage() {
      for (const tail of tails) tail.clear();
    },
  };
}

function hasReached(
  shards: readonly { readonly shardId: string; readonly checkpoint: string | null }[],
  { ends }: StreamTail<unknown>,
): boolean {
  return [...ends].every(([shardId, end]) => {
    const { checkpoint = null } = shards.find((shard) => shard.shardId === shardId) ?? {};
    return checkpoint !== null && BigInt(checkpoint) >= BigInt(end);
  });
}
