import type { AttributeValue, TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { decimalText } from '../domain/decimal.ts';
import type {
  CellWrite,
  StateWrite,
  StoredDetails,
  Transaction,
} from '../domain/engine/analytics-store.ts';

export interface Tables {
  readonly metricsTable: string;
  readonly statesTable: string;
  readonly seenEventsTable: string;
}

/** The actions of one TransactWriteItems. */
export function actionsOf(
  { seen, states, cells }: Transaction,
  { metricsTable, statesTable, seenEventsTable }: Tables,
): TransactWriteItem[] {
  return [
    ...seen.map((block) => seenAction(seenEventsTable, block)),
    ...states.map((state) => stateAction(statesTable, state)),
    ...cells.map((cell) => cellAction(metricsTable, cell)),
  ];
}

/** Positions compare as text. */
export function positionKey(position: number): string {
  return String(position).padStart(10, '0');
}

function seenAction(TableName: string, block: Transaction['seen'][number]): TransactWriteItem {
  return {
    Put: {
      TableName,
      Item: {
        pk: { S: block.log },
        sk: { S: positionKey(block.position) },
        digests: { B: block.digests },
        expiresAt: { N: String(block.expiresAt) },
      },
      ConditionExpression: 'attribute_not_exists(pk)',
    },
  };
}

function stateAction(TableName: string, write: StateWrite): TransactWriteItem {
  const { pk, sk, state, replaces, expiresAt } = write;
  const Key = { pk: { S: pk }, sk: { S: sk } };
  if (replaces === 'any' && state === undefined) return { Delete: { TableName, Key } };
  const Item = {
    ...Key,
    ...(state !== undefined && { state: { S: state } }),
    ...(expiresAt !== undefined && { expiresAt: { N: String(expiresAt) } }),
    ...(replaces !== 'any' && { version: { N: String(replaces + 1) } }),
  };
  return { Put: { TableName, Item, ...versionCondition(replaces) } };
}

function versionCondition(replaces: number | 'any') {
  if (replaces === 'any') return {};
  if (replaces === 0) return { ConditionExpression: 'attribute_not_exists(pk)' };
  return {
    ConditionExpression: '#version = :version',
    ExpressionAttributeNames: { '#version': 'version' },
    ExpressionAttributeValues: { ':version': { N: String(replaces) } },
  };
}

/** Counts are added; what describes the item is written again, the same each time. */
function cellAction(TableName: string, cell: CellWrite): TransactWriteItem {
  const { pk, sk, tenant, metric, window, start, dimensions, count, sum, details } = cell;
  const set: Record<string, AttributeValue> = {
    tenant: { S: tenant },
    metric: { S: metric },
    window: { S: window },
    start: { S: start },
    dimensions: {
      M: Object.fromEntries(
        Object.entries(dimensions).map(([name, value]) => [name, { S: value }]),
      ),
    },
    ...(details && detailValues(details)),
  };
  const names = Object.keys(set);
  return {
    Update: {
      TableName,
      Key: { pk: { S: pk }, sk: { S: sk } },
      UpdateExpression: `ADD #count :count, #sum :sum SET ${names.map((name) => `#${name} = :${name}`).join(', ')}`,
      ...(details && {
        ConditionExpression:
          details.version === 1 ? 'attribute_not_exists(#version)' : '#version = :before',
      }),
      ExpressionAttributeNames: Object.fromEntries(
        ['count', 'sum', ...names].map((name) => [`#${name}`, name]),
      ),
      ExpressionAttributeValues: {
        ':count': { N: String(count) },
        ':sum': { N: decimalText(sum) },
        ...(details && details.version > 1 && { ':before': { N: String(details.version - 1) } }),
        ...Object.fromEntries(names.map((name) => [`:${name}`, set[name] as AttributeValue])),
      },
    },
  };
}

function detailValues(details: StoredDetails): Record<string, AttributeValue> {
  const { version, min, max, quantiles, distinct, top } = details;
  return {
    version: { N: String(version) },
    ...(min !== undefined && { min: { N: String(min) } }),
    ...(max !== undefined && { max: { N: String(max) } }),
    ...(quantiles && { quantiles: { B: quantiles } }),
    ...(distinct && { distinct: { B: distinct } }),
    ...(top && { top: { B: top } }),
  };
}
