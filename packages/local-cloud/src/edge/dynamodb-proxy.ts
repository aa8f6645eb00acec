import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import { batchAsTransaction } from '../dynamodb/batch-as-transaction.ts';
import { createEngineConnections } from '../dynamodb/engine-connections.ts';
import type { EngineAnswer, EngineRequest } from '../dynamodb/engine-transport.ts';
import { MARKS } from '../dynamodb/expiry-index.ts';
import { createHttpTransport } from '../dynamodb/http-transport.ts';
import { withoutUnchanged } from '../dynamodb/unchanged-records.ts';
import type { DynamoDbEngine } from '../engines/dynamodb.ts';
import type { Nudge } from '../ports.ts';
import { sendAwsError } from './aws-error.ts';
import { readBody } from './message.ts';

/** BatchWriteItem's limit; nothing larger is a DynamoDB request. */
const MAX_REQUEST_BYTES = 17 * 1024 * 1024;

const WRITES = new Set([
  'PutItem',
  'UpdateItem',
  'DeleteItem',
  'BatchWriteItem',
  'TransactWriteItems',
  'ExecuteStatement',
  'BatchExecuteStatement',
  'ExecuteTransaction',
]);

/** Their answers hold items, never an ARN of ours: they pass through as they come. */
const ITEM_OPERATIONS = new Set([
  ...WRITES,
  'GetItem',
  'BatchGetItem',
  'TransactGetItems',
  'Query',
  'Scan',
]);

/** Headers of one connection only (RFC 9110, 7.6.1), which HTTP/2 forbids; and what is met here. */
const HOP_BY_HOP = new Set([
  ...['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade', 'te'],
  'expect',
]);

export interface DynamoDbProxy {
  handle(operation: string, request: IncomingMessage, response: ServerResponse): Promise<void>;
  close(): void;
}

/**
 * Passes requests on to the DynamoDB engine over kept-alive connections. An engine may name a
 * region of its own in every ARN; clients see and send `region`.
 */
export function createDynamoDbProxy(options: {
  readonly engine: DynamoDbEngine;
  readonly region: string;
  readonly nudge: Nudge;
}): DynamoDbProxy {
  const { url, region: engineRegion = options.region } = options.engine;
  const isEmbedded = options.engine.databaseFile !== undefined;
  const transport = isEmbedded ? createEngineConnections(url) : createHttpTransport(url);
  const engineArn = `arn:aws:dynamodb:${engineRegion}:`;
  const clientArn = `arn:aws:dynamodb:${options.region}:`;

  const toClient = (body: Buffer): Buffer =>
    Buffer.from(
      body
        .toString('utf8')
        .replaceAll(engineArn, clientArn)
        // Stream records name the region once more. It cannot be an item's: its values are objects.
        .replaceAll(`"awsRegion":"${engineRegion}"`, `"awsRegion":"${options.region}"`)
        // In Lambda's spelling, which clients of the API do not know; no item's attribute either.
        .replaceAll(
          `"userIdentity":{"type":"Service","principalId":`,
          `"userIdentity":{"Type":"Service","PrincipalId":`,
        ),
    );
  const toEngine = (body: Buffer): Buffer =>
    body.includes(clientArn)
      ? Buffer.from(body.toString('utf8').replaceAll(clientArn, engineArn))
      : body;

  const rewrites: Record<string, (body: Buffer) => Buffer> = {
    ListTables: withoutMarks,
    GetRecords: (body) => withoutUnchanged(toClient(body)),
  };

  async function ask(operation: string, request: EngineRequest): Promise<EngineAnswer> {
    if (operation === 'BatchWriteItem' && (await writtenAtOnce(request))) return wholeBatch();
    return transport.send(request);
  }

  /** Whether the embedded engine took the batch as a transaction; when not, nothing was written. */
  async function writtenAtOnce(request: EngineRequest): Promise<boolean> {
    const body = isEmbedded ? batchAsTransaction(request.body) : undefined;
    if (!body) return false;
    const target = { 'x-amz-target': 'DynamoDB_20120810.TransactWriteItems' };
    const headers = { ...request.headers, ...target };
    return (await transport.send({ ...request, headers, body })).status === 200;
  }

  return {
    async handle(operation, request, response) {
      const items = ITEM_OPERATIONS.has(operation);
      const received = await readBody(request, MAX_REQUEST_BYTES);
      const asked = ask(operation, {
        method: request.method ?? 'POST',
        headers: endToEnd(request.headers),
        body: items ? received : toEngine(received),
      });
      // While the engine works.
      const written = WRITES.has(operation) ? tablesOf(received) : [];
      let answer: EngineAnswer;
      try {
        answer = await asked;
      } catch (error) {
        // The write may have happened or not; a 500 makes every SDK ask again.
        const message = `The DynamoDB engine does not answer (${String(error)}).`;
        sendAwsError(response, 'json', { code: 'InternalServerError', message, status: 500 });
        return;
      }
      if (answer.status === 200 && written.length > 0) {
        for (const name of written) options.nudge({ kind: 'dynamodb', name });
        // The mapping reads and its function starts in less time than an answer takes to be written.
        await nextTurn();
      }
      sendAnswer(response, items ? answer : rewritten(answer, rewrites[operation] ?? toClient));
    },
    close: transport.close,
  };
}

/** The answer to a batch of which everything was written. */
function wholeBatch(): EngineAnswer {
  const body = Buffer.from(JSON.stringify({ UnprocessedItems: {} }));
  const headers = {
    'content-type': 'application/x-amz-json-1.0',
    'x-amzn-requestid': randomUUID(),
  };
  return { status: 200, headers: { ...headers, ...checksum(body) }, body };
}

function rewritten(answer: EngineAnswer, rewrite: (body: Buffer) => Buffer): EngineAnswer {
  const body = rewrite(answer.body);
  return { ...answer, headers: { ...answer.headers, ...checksum(body) }, body };
}

function checksum(body: Buffer) {
  return { 'x-amz-crc32': String(crc32(body)) };
}

function sendAnswer(response: ServerResponse, { status, headers, body }: EngineAnswer): void {
  const length = { 'content-length': String(body.length) };
  response.writeHead(status, { ...endToEnd(headers), ...length });
  response.end(body);
}

/** The table by which deletes are marked is nobody's business. */
function withoutMarks(body: Buffer): Buffer {
  const answer: { TableNames?: string[] } = JSON.parse(body.toString('utf8'));
  if (!answer.TableNames?.includes(MARKS)) return body;
  const TableNames = answer.TableNames.filter((name) => name !== MARKS);
  return Buffer.from(JSON.stringify({ ...answer, TableNames }));
}

function endToEnd(headers: IncomingMessage['headers']): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name in headers) {
    const value = headers[name];
    // `:method` and the like are HTTP/2's own.
    if (value === undefined || name.startsWith(':') || HOP_BY_HOP.has(name)) continue;
    kept[name] = String(value);
  }
  return kept;
}

interface PartiQl {
  Statement?: string;
}

/** The table that a PartiQL write names, with or without quotes. */
const PARTIQL_TABLE = /^\s*(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM)\s+"?([\w.-]+)"?/i;

interface Write extends PartiQl {
  TableName?: string;
  RequestItems?: Record<string, unknown>;
  TransactItems?: Record<string, { TableName?: string }>[];
  Statements?: PartiQl[];
  TransactStatements?: PartiQl[];
}

/** The tables that a write names. Only a hint for pollers. */
function tablesOf(body: Buffer): string[] {
  try {
    return tablesNamed(JSON.parse(body.toString('utf8')));
  } catch {
    // No such request: the engine refuses it.
    return [];
  }
}

function tablesNamed(parsed: Write): string[] {
  const names = new Set(Object.keys(parsed.RequestItems ?? {}));
  if (parsed.TableName) names.add(parsed.TableName);
  for (const item of parsed.TransactItems ?? []) {
    for (const { TableName } of Object.values(item)) if (TableName) names.add(TableName);
  }
  const { Statements = [], TransactStatements = [] } = parsed;
  for (const { Statement } of [parsed, ...Statements, ...TransactStatements]) {
    const name = PARTIQL_TABLE.exec(Statement ?? '')?.[1];
    if (name) names.add(name);
  }
  return [...names].map((name) => name.slice(name.lastIndexOf('/') + 1));
}
