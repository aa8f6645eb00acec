import { CreateTableCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { dynamoDeadLetters, kinesisHandler, PermanentError } from '@millrace/middleware';
import { lambdaContext } from '@millrace/middleware/testing';
import { aggregate } from '../../../middleware/tests/support/aggregates.ts';
import { kinesisEventOf, quietly } from '../../../middleware/tests/support/kinesis-events.ts';
import { dynamoLetters } from '../../src/dead-letters/dynamo-letters.ts';
import type { Invoke } from '../../src/dead-letters/invoke.ts';
import type { Letter } from '../../src/dead-letters/letters.ts';

export const TABLE = { name: 'dead-letters', service: 'stream-analytics' };
export const FUNCTION = 'millrace-stream-analytics-local-countEvents';
/** The day after the sample event arrived. */
export const NOW = Date.parse('2018-12-18T22:10:50Z');

export async function createTable(client: DynamoDBClient): Promise<void> {
  await client.send(
    new CreateTableCommand({
      TableName: TABLE.name,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'S' },
      ],
    }),
  );
}

/**
 * A real handler over the real table, whose fault can be mended: what contains `poison` is put
 * aside, what contains `broken` fails. Effects are once per record, as handlers of ours do it.
 */
export function platform(client: DynamoDBClient) {
  const effects = new Map<string, string>();
  const order: string[] = [];
  const faults = { poison: true, broken: true };
  const handler = kinesisHandler({
    deadLetters: dynamoDeadLetters({ client, table: TABLE.name, now: () => NOW }),
    decode: (data) => Buffer.from(data).toString(),
    process: async ({ id, value }) => {
      order.push(value);
      if (faults.poison && value.includes('poison')) throw new PermanentError('poison', 'Poison.');
      if (faults.broken && value.includes('broken')) throw new Error('broken');
      effects.set(id, value);
    },
  });
  const invoke: Invoke = async (name, event) => ({
    kind: 'answered',
    payload: await quietly(() => handler(event as never, lambdaContext(name))),
  });
  const send = (...texts: string[]) =>
    invoke(
      FUNCTION,
      kinesisEventOf(
        ...texts.map((text) => ({ partitionKey: text.slice(0, 1), data: Buffer.from(text) })),
      ),
    );
  const sendAggregated = (...texts: string[]) =>
    invoke(
      FUNCTION,
      kinesisEventOf({
        partitionKey: 'a',
        data: aggregate(
          texts.map((text) => ({ partitionKey: text.slice(0, 1), data: Buffer.from(text) })),
        ),
      }),
    );
  return { effects, order, faults, invoke, send, sendAggregated };
}

export async function letters(client: DynamoDBClient, withClosed = true): Promise<Letter[]> {
  const found: Letter[] = [];
  for await (const letter of dynamoLetters(client, TABLE).all(withClosed)) found.push(letter);
  return found.sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** Dies before or after its nth request to whatever, as a process does: nothing of it comes after. */
export function mortal(nth: number, side: 'before' | 'after') {
  let requests = 0;
  const state = { isDead: false };
  const die = () => {
    state.isDead = true;
    throw new Error('killed');
  };
  const step = async <T>(act: () => Promise<T>): Promise<T> => {
    if (state.isDead) throw new Error('killed');
    requests += 1;
    const isLast = requests === nth;
    if (isLast && side === 'before') die();
    const result = await act();
    if (isLast) die();
    return result;
  };
  const client = (real: DynamoDBClient): DynamoDBClient =>
    new Proxy(real, {
      get: (target, name) =>
        name === 'send'
          ? (command: Parameters<DynamoDBClient['send']>[0]) => step(() => target.send(command))
          : Reflect.get(target, name),
    });
  const invoke =
    (real: Invoke): Invoke =>
    (...args) =>
      step(() => real(...args));
  return { state, client, invoke };
}
