import type { _Record as ChangeRecord } from '@aws-sdk/client-dynamodb-streams';
import type { _Record as StreamRecord } from '@aws-sdk/client-kinesis';
import type { Platform } from '../platform/platform.ts';
import type { Clients } from '../workload/clients.ts';
import { changesTail, kinesisTail, type StreamTail } from './stream-tails.ts';

export const TABLES = ['files', 'orders', 'devices'] as const;
export type TableName = (typeof TABLES)[number];

/** Everything that came to the streams of a platform since the last run was closed. */
export interface Ledger {
  /** Records of the stream `events`, by shard. */
  readonly events: Map<string, StreamRecord[]>;
  readonly changes: Readonly<Record<TableName, ChangeRecord[]>>;
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
  const events = new Map<string, StreamRecord[]>();
  const changes: Record<TableName, ChangeRecord[]> = { files: [], orders: [], devices: [] };

  return {
    events,
    changes,
    async readOn() {
      const readEvents = async () => {
        for (const [shard, records] of await stream.read()) {
          events.set(shard, [...(events.get(shard) ?? []), ...records]);
        }
      };
      const readChanges = tables.map(async ({ table, tail }) => {
        for (const records of (await tail.read()).values()) changes[table].push(...records);
      });
      await Promise.all([readEvents(), ...readChanges]);
      const { mappings } = platform.cloud.status();
      return mappings.every(({ source, shards }) => {
        const tail = source.startsWith('arn:aws:kinesis:')
          ? stream
          : tables.find(({ table }) => source.includes(`:table/millrace-local-${table}/`))?.tail;
        return !tail || hasReached(shards, tail);
      });
    },
    turnPage() {
      events.clear();
      for (const table of TABLES) changes[table].length = 0;
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
