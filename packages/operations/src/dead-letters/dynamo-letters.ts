import { promisify } from 'node:util';
import { zstdDecompress } from 'node:zlib';
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  ScanCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { partKey } from '@millrace/middleware';
import type { Status } from './entry.ts';
import type { Letter, LetterStore } from './letters.ts';
import { type NamedPlace, reach } from './places.ts';

const decompress = promisify(zstdDecompress);
/** A letter in somebody's hands lies beside its place. */
const IN_HANDS = '#redrive';
const HEAD =
  'pk, sk, #status, reasonCode, reasonMessage, createdAt, arrivedAt, attributes, holder, heldUntil';

type Item = Record<string, AttributeValue>;

/** A dead-letter table as `dynamoDeadLetters` of the middleware fills them. */
export function dynamoLetters(client: DynamoDBClient, table: NamedPlace): LetterStore {
  return {
    all: (withClosed) => lettersOf(client, table, withClosed),
    async payload(letter) {
      const item = await wholeItem(client, letter);
      const pieces = [item?.payload?.B ?? new Uint8Array()];
      for (let part = 1; part <= Number(item?.parts?.N ?? 0); part += 1) {
        const sk = partKey(letter.id, item?.digest?.S ?? '', part);
        const found = await read(client, letter.table, { pk: letter.source, sk });
        if (!found?.payload?.B) throw new Error(`Part ${part} of letter ${letter.id} is gone.`);
        pieces.push(found.payload.B);
      }
      return await decompress(Buffer.concat(pieces));
    },
    async claim(letter, { holder, until }) {
      if (letter.claim) {
        const UpdateExpression = 'SET holder = :new, heldUntil = :until';
        return (await updatedIf(client, letter, {
          ...{ UpdateExpression, ConditionExpression: 'holder = :old AND heldUntil = :was' },
          ExpressionAttributeValues: {
            ...{ ':new': { S: holder }, ':until': { N: String(until) } },
            ...{ ':old': { S: letter.claim.holder }, ':was': { N: String(letter.claim.until) } },
          },
        }))
          ? 'ours'
          : 'taken';
      }
      const item = await read(client, letter.table, { pk: letter.source, sk: letter.id });
      if (item?.status?.S !== 'open') return 'gone';
      const inHands = {
        ...item,
        ...{ sk: { S: letter.id + IN_HANDS }, status: { S: 'redriving' } },
        ...{ holder: { S: holder }, heldUntil: { N: String(until) } },
      };
      const isMoved = await moved(client, letter.table, inHands, {
        Key: keyOf(letter, letter.id),
        ConditionExpression: '#status = :open AND createdAt = :at',
        ExpressionAttributeNames: { '#status': 'status' },
        ExpressionAttributeValues: { ':open': { S: 'open' }, ':at': item.createdAt ?? { S: '' } },
      });
      return isMoved ? 'ours' : 'taken';
    },
    async inPlace(letter) {
      const item = await read(client, letter.table, { pk: letter.source, sk: letter.id });
      return item && letterOf(item, { service: letter.service, name: letter.table });
    },
    async putBack(letter, holder, status) {
      const Key = keyOf(letter, letter.id + IN_HANDS);
      const inHands = await read(client, letter.table, { pk: letter.source, sk: Key.sk.S });
      if (inHands?.holder?.S !== holder) return;
      const { holder: _holder, heldUntil: _until, ...item } = inHands;
      const ours = {
        ...{ Key, ConditionExpression: 'holder = :us' },
        ExpressionAttributeValues: { ':us': { S: holder } },
      };
      const back = { ...item, sk: { S: letter.id }, status: { S: status }, ...closedNow(status) };
      if (await moved(client, letter.table, back, ours)) return;
      // Its place is filled: that one is the letter, and what we hold is done with.
      await moved(client, letter.table, undefined, ours);
    },
    discard: (letter) =>
      updatedIf(client, letter, {
        UpdateExpression: 'SET #status = :discarded, closedAt = :now',
        ConditionExpression: '#status = :open',
        ExpressionAttributeNames: { '#status': 'status' },
        ExpressionAttributeValues: {
          ...{ ':open': { S: 'open' }, ':discarded': { S: 'discarded' } },
          ':now': { S: new Date().toISOString() },
        },
      }),
  };
}

const closedNow = (status: Status) =>
  status === 'open' ? {} : { closedAt: { S: new Date().toISOString() } };

const keyOf = ({ source }: Letter, sk: string) => ({ pk: { S: source }, sk: { S: sk } });
const placeOf = (letter: Letter) => letter.id + (letter.claim ? IN_HANDS : '');

async function* lettersOf(client: DynamoDBClient, table: NamedPlace, withClosed: boolean) {
  let ExclusiveStartKey: Item | undefined;
  do {
    const query = {
      ...{ TableName: table.name, ProjectionExpression: HEAD, ConsistentRead: true },
      // Parts of payloads have none.
      FilterExpression: withClosed
        ? 'attribute_exists(#status)'
        : '#status = :open OR #status = :redriving',
      ExpressionAttributeNames: { '#status': 'status' },
      ...(!withClosed && {
        ExpressionAttributeValues: { ':open': { S: 'open' }, ':redriving': { S: 'redriving' } },
      }),
      ...(ExclusiveStartKey && { ExclusiveStartKey }),
    };
    const page = await reach(table.name, () => client.send(new ScanCommand(query)));
    for (const item of page.Items ?? []) yield letterOf(item, table);
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey);
}

function letterOf(item: Item, { name, service }: NamedPlace): Letter {
  const text = (key: string) => item[key]?.S ?? '';
  const { holder, heldUntil, attributes, arrivedAt } = item;
  const isInHands = holder?.S !== undefined;
  const source = text('pk');
  return {
    ...{ kind: 'letter', service, table: name, source, functionName: source, records: 1 },
    id: isInHands ? text('sk').slice(0, -IN_HANDS.length) : text('sk'),
    code: text('reasonCode'),
    message: text('reasonMessage'),
    at: Date.parse(text('createdAt')),
    status: text('status') as Status,
    arrivedAt: arrivedAt?.S,
    attributes: Object.fromEntries(
      Object.entries(attributes?.M ?? {}).map(([key, value]) => [key, value.S ?? '']),
    ),
    claim: isInHands ? { holder: holder.S ?? '', until: Number(heldUntil?.N ?? 0) } : undefined,
  };
}

/** From its place or from our hands. */
async function wholeItem(client: DynamoDBClient, letter: Letter): Promise<Item | undefined> {
  const at = (sk: string) => read(client, letter.table, { pk: letter.source, sk });
  return (await at(letter.id + IN_HANDS)) ?? (await at(letter.id));
}

async function read(
  client: DynamoDBClient,
  TableName: string,
  { pk, sk }: { readonly pk: string; readonly sk: string },
): Promise<Item | undefined> {
  const query = { TableName, Key: { pk: { S: pk }, sk: { S: sk } }, ConsistentRead: true };
  return (await reach(TableName, () => client.send(new GetItemCommand(query)))).Item;
}

interface Condition {
  readonly ConditionExpression: string;
  readonly ExpressionAttributeNames?: Record<string, string>;
  readonly ExpressionAttributeValues: Item;
}

/** Writes `item` where nothing is and deletes another, both or neither; false when it cannot be. */
async function moved(
  client: DynamoDBClient,
  TableName: string,
  Item: Item | undefined,
  from: Condition & { readonly Key: Item },
): Promise<boolean> {
  const put = { TableName, ConditionExpression: 'attribute_not_exists(pk)' };
  const TransactItems = [
    { Delete: { TableName, ...from } },
    ...(Item ? [{ Put: { ...put, Item } }] : []),
  ];
  return isMet(TableName, () => client.send(new TransactWriteItemsCommand({ TransactItems })));
}

async function updatedIf(
  client: DynamoDBClient,
  letter: Letter,
  update: Condition & { readonly UpdateExpression: string },
): Promise<boolean> {
  const command = { TableName: letter.table, Key: keyOf(letter, placeOf(letter)), ...update };
  return isMet(letter.table, () => client.send(new UpdateItemCommand(command)));
}

/** @returns false when a condition does not hold; a conflict of transactions is an error. */
async function isMet(what: string, write: () => Promise<unknown>): Promise<boolean> {
  let isHeld = true;
  await reach(what, async () => {
    try {
      await write();
    } catch (error) {
      const reasons =
        error instanceof TransactionCanceledException ? (error.CancellationReasons ?? []) : [];
      const isUnmet =
        error instanceof ConditionalCheckFailedException ||
        (reasons.some(({ Code }) => Code === 'ConditionalCheckFailed') &&
          reasons.every(({ Code }) => Code === 'ConditionalCheckFailed' || Code === 'None'));
      if (!isUnmet) throw error;
      isHeld = false;
    }
  });
  return isHeld;
}
