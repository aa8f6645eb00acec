import { hash } from 'node:crypto';
import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import {
  type Session,
  type StateItem,
  sessionPartitionOf,
  sessionPartitions,
  sessionSortKey,
} from '@millrace/types';
import type { SessionPage, SessionStore, SessionsOfDay } from '../domain/sessions/list-sessions.ts';
import type { Table } from './tables.ts';

/**
 * Documents of the table `states`, which stream-analytics writes. A day's sessions lie in several
 * partitions, those of one visitor in one of them; each is read backwards and they are merged.
 */
export function dynamoSessionStore(table: Table): SessionStore {
  return {
    async newest(tenant, query) {
      const { day, visitorId } = query;
      if (visitorId === undefined) {
        const partitions = sessionPartitions(tenant, day);
        return mergedPage(await Promise.all(partitions.map((pk) => read(table, pk, query))), query);
      }
      const visitor = visitorId.toWellFormed();
      const id = hash('sha256', visitor, 'base64url').slice(0, 22);
      const pk = sessionPartitionOf(tenant, day, id);
      const { sessions, end } = await read(table, pk, query, id);
      const theirs = sessions.filter((session) => session.visitorId === visitor);
      return mergedPage([{ sessions: theirs, end }], query);
    },
  };
}

interface PartRead {
  /** The newest first. */
  readonly sessions: readonly Session[];
  /** The sort key up to which the partition was read; absent where it was read to its end. */
  readonly end: string | undefined;
}

async function read(
  { client, name: TableName }: Table,
  pk: string,
  { from, before, limit }: SessionsOfDay,
  id?: string,
): Promise<PartRead> {
  const { Items = [], LastEvaluatedKey } = await client.send(
    new QueryCommand({
      TableName,
      ScanIndexForward: false,
      KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :before',
      ExpressionAttributeValues: {
        ':pk': pk,
        ':from': from,
        ':before': before,
        ...(id !== undefined && { ':id': id }),
      },
      ...(id === undefined
        ? // Before `before`: a session of this very key is read and not given.
          { Limit: limit + 1 }
        : {
            // What is filtered counts against a limit: of one visitor a whole page (1 MB) is read.
            FilterExpression: 'contains(#state, :id)',
            ExpressionAttributeNames: { '#state': 'state' },
          }),
    }),
  );
  const sessions = (Items as StateItem[])
    .filter(({ sk }) => sk < before)
    .map(({ state }) => JSON.parse(state) as Session);
  return { sessions, end: LastEvaluatedKey?.sk };
}

/** What lies before the end of a partition's part may not be given yet: there may be newer ones. */
function mergedPage(parts: readonly PartRead[], { limit }: SessionsOfDay): SessionPage {
  const end =
    parts
      .flatMap((part) => part.end ?? [])
      .sort()
      .at(-1) ?? '';
  const known = parts
    .flatMap(({ sessions }) =>
      sessions.map((session) => ({ key: sessionSortKey(session), session })),
    )
    .filter(({ key }) => key >= end)
    .sort((one, other) => (one.key > other.key ? -1 : 1));
  const given = known.slice(0, limit);
  const sessions = given.map(({ session }) => session);
  if (known.length > limit) return { sessions, next: given.at(-1)?.key ?? end };
  return { sessions, ...(end !== '' && { next: end }) };
}
