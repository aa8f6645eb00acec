import { DynamoDBClient } from '@aws-sdk/client-dynamodb';

interface Capacity {
  readonly CapacityUnits?: number;
  readonly WriteCapacityUnits?: number;
}
interface Command {
  readonly constructor: { readonly name: string };
  readonly input: { ReturnConsumedCapacity?: string };
}
interface Client {
  send(command: Command, ...rest: unknown[]): Promise<{ ConsumedCapacity?: Capacity | Capacity[] }>;
}

const WRITES = /^(?:Put|Update|Delete|PutItem|UpdateItem|DeleteItem|TransactWrite|BatchWrite)/;

/**
 * Adds up the write units that DynamoDB says to have taken, for all clients of this process.
 *
 * @returns what they are up to now
 */
export function countWriteUnits(): () => number {
  let units = 0;
  // What the client of documents is made of, too.
  const base: Client = Object.getPrototypeOf(DynamoDBClient.prototype);
  const send = base.send;
  base.send = async function (this: Client, command, ...rest) {
    const isWrite = WRITES.test(command.constructor.name) && isOfDynamoDb(this);
    if (isWrite) command.input.ReturnConsumedCapacity = 'TOTAL';
    const answer = await send.call(this, command, ...rest);
    if (isWrite) {
      for (const { CapacityUnits = 0, WriteCapacityUnits = CapacityUnits } of [
        answer.ConsumedCapacity ?? [],
      ].flat()) {
        units += WriteCapacityUnits;
      }
    }
    return answer;
  };
  return () => units;
}

/** Others have commands of such names as well. */
function isOfDynamoDb(client: object): boolean {
  return client.constructor.name.startsWith('DynamoDB');
}
