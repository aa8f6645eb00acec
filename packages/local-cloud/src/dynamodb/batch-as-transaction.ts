/** BatchWriteItem's limit; what is above it, the engine itself refuses. */
const MOST_WRITES = 25;

interface BatchWrite {
  readonly RequestItems?: Readonly<Record<string, readonly WriteRequest[]>>;
}

interface WriteRequest {
  readonly PutRequest?: { readonly Item?: unknown };
  readonly DeleteRequest?: { readonly Key?: unknown };
}

/**
 * The body of a BatchWriteItem as that of a TransactWriteItems with the same effect: the embedded
 * engine asks the disk to sync once for each item of a batch, but only once for a transaction. A
 * batch may be done in any order and in part, so also as a whole. `undefined` for what asks for more
 * than the effect, or is no batch that can be carried out: the engine answers that as it is.
 *
 * A transaction has narrower limits (4 MB); one that is refused has done nothing.
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html
 */
export function batchAsTransaction(body: Buffer): Buffer | undefined {
  const parsed = parse(body);
  if (!parsed || Object.keys(parsed).some((name) => name !== 'RequestItems')) return undefined;
  const writes = Object.entries(parsed.RequestItems ?? {}).flatMap(([TableName, requests]) =>
    Array.isArray(requests)
      ? requests.map((request) => transactItem(TableName, request ?? {}))
      : [],
  );
  if (writes.length === 0 || writes.length > MOST_WRITES) return undefined;
  if (writes.includes(undefined)) return undefined;
  return Buffer.from(JSON.stringify({ TransactItems: writes }));
}

function parse(body: Buffer): BatchWrite | undefined {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    // The engine answers malformed JSON as AWS does.
    return undefined;
  }
}

function transactItem(TableName: string, { PutRequest, DeleteRequest }: WriteRequest) {
  if (PutRequest?.Item && !DeleteRequest) return { Put: { TableName, Item: PutRequest.Item } };
  if (DeleteRequest?.Key && !PutRequest) return { Delete: { TableName, Key: DeleteRequest.Key } };
  return undefined;
}
