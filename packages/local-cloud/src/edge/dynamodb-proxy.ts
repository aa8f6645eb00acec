import {
  Agent,
  request as httpRequest,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import { pipeline } from 'node:stream/promises';
import { crc32 } from 'node:zlib';
import { batchAsTransaction } from '../dynamodb/batch-as-transaction.ts';
import { MARKS } from '../dynamodb/expiry-index.ts';
import { withoutUnchanged } from '../dynamodb/unchanged-records.ts';
import type { DynamoDbEngine } from '../engines/dynamodb.ts';
import type { Nudge } from '../ports.ts';
import { sendAwsError } from './aws-error.ts';
import { readBody, send } from './message.ts';

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

/** Headers of one connection only (RFC 9110, 7.6.1); HTTP/2 forbids them. */
const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'transfer-encoding', 'upgrade', 'te']);

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
  const agent = new Agent({ keepAlive: true });
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

  /** Whether the embedded engine took the batch as a transaction; when not, nothing was written. */
  async function writtenAtOnce(request: IncomingMessage, batch: Buffer): Promise<boolean> {
    if (options.engine.databaseFile === undefined) return false;
    const body = batchAsTransaction(batch);
    if (!body) return false;
    const target = 'DynamoDB_20120810.TransactWriteItems';
    const answer = await forward(url, agent, request, body, { 'x-amz-target': target });
    await readBody(answer, Number.POSITIVE_INFINITY);
    return answer.statusCode === 200;
  }

  return {
    async handle(operation, request, response) {
      const items = ITEM_OPERATIONS.has(operation);
      const received = await readBody(request, MAX_REQUEST_BYTES);
      const body = items ? received : toEngine(received);
      let answer: IncomingMessage;
      try {
        if (operation === 'BatchWriteItem' && (await writtenAtOnce(request, body))) {
          sendAmzJson(response, { UnprocessedItems: {} });
          for (const name of tablesOf(received)) options.nudge({ kind: 'dynamodb', name });
          return;
        }
        answer = await forward(url, agent, request, body);
      } catch (error) {
        // The write may have happened or not; a 500 makes every SDK ask again.
        const message = `The DynamoDB engine does not answer (${String(error)}).`;
        sendAwsError(response, 'json', { code: 'InternalServerError', message, status: 500 });
        return;
      }
      if (items) await passOn(answer, response);
      else await passOnRewritten(answer, response, rewrites[operation] ?? toClient);
      if (answer.statusCode === 200 && WRITES.has(operation)) {
        for (const name of tablesOf(received)) options.nudge({ kind: 'dynamodb', name });
      }
    },
    close: () => agent.destroy(),
  };
}

function forward(
  url: string,
  agent: Agent,
  request: IncomingMessage,
  body: Buffer,
  changed: Readonly<Record<string, string>> = {},
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = { ...endToEnd(request.headers), ...changed };
    headers['content-length'] = String(body.length);
    const outgoing = httpRequest(
      url,
      { method: request.method, path: '/', agent, headers },
      resolve,
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

function sendAmzJson(response: ServerResponse, value: unknown): void {
  const body = Buffer.from(JSON.stringify(value));
  send(
    response,
    200,
    { 'content-type': 'application/x-amz-json-1.0', 'x-amz-crc32': String(crc32(body)) },
    body,
  );
}

async function passOn(answer: IncomingMessage, response: ServerResponse): Promise<void> {
  response.writeHead(answer.statusCode ?? 500, endToEnd(answer.headers));
  await pipeline(answer, response);
}

async function passOnRewritten(
  answer: IncomingMessage,
  response: ServerResponse,
  rewrite: (body: Buffer) => Buffer,
): Promise<void> {
  const body = rewrite(await readBody(answer, Number.POSITIVE_INFINITY));
  response.writeHead(answer.statusCode ?? 500, {
    ...endToEnd(answer.headers),
    'content-length': String(body.length),
    'x-amz-crc32': String(crc32(body)),
  });
  response.end(body);
}

/** The table by which deletes are marked is nobody's business. */
function withoutMarks(body: Buffer): Buffer {
  const answer: { TableNames?: string[] } = JSON.parse(body.toString('utf8'));
  if (!answer.TableNames?.includes(MARKS)) return body;
  const TableNames = answer.TableNames.filter((name) => name !== MARKS);
  return Buffer.from(JSON.stringify({ ...answer, TableNames }));
}

function endToEnd(headers: IncomingMessage['headers']): Record<string, string | string[]> {
  const kept: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    // `:method` and the like are HTTP/2's own.
    if (value === undefined || name.startsWith(':') || HOP_BY_HOP.has(name)) continue;
    kept[name] = value;
  }
  return kept;
}

interface PartiQl {
  Statement?: string;
}

/** The table that a PartiQL write names, with or without quotes. */
const PARTIQL_TABLE = /^\s*(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM)\s+"?([\w.-]+)"?/i;

/** The tables that a write names. Only a hint for pollers. */
function tablesOf(body: Buffer): Set<string> {
  const parsed = JSON.parse(body.toString('utf8')) as {
    TableName?: string;
    RequestItems?: Record<string, unknown>;
    TransactItems?: Record<string, { TableName?: string }>[];
    Statements?: PartiQl[];
    TransactStatements?: PartiQl[];
  } & PartiQl;
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
  return new Set([...names].map((name) => name.slice(name.lastIndexOf('/') + 1)));
}
