import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../clock.ts';
import type { EngineAnswer, KinesisEngine } from '../engines/kinesis.ts';
import { type AdmitRecord, admitByAll } from '../kinesis/admission.ts';
import { createPutGate, readPutRequest } from '../kinesis/put-records.ts';
import { createShardLimits } from '../kinesis/shard-limits.ts';
import { createShardMap } from '../kinesis/shard-map.ts';
import type { Nudge } from '../ports.ts';
import { notOffered, sendAwsError } from './aws-error.ts';
import { header, readBody, replayRequest, send } from './message.ts';

const MAX_REQUEST_BYTES = 11 * 1024 * 1024;

/** How many shards AWS gives a new on-demand stream. */
const ON_DEMAND_SHARDS = 4;

/** What kinesalite answers. */
const OPERATIONS = new Set([
  'AddTagsToStream',
  'CreateStream',
  'DecreaseStreamRetentionPeriod',
  'DeleteStream',
  'DescribeStream',
  'DescribeStreamSummary',
  'GetRecords',
  'GetShardIterator',
  'IncreaseStreamRetentionPeriod',
  'ListShards',
  'ListStreams',
  'ListTagsForStream',
  'MergeShards',
  'PutRecord',
  'PutRecords',
  'RemoveTagsFromStream',
  'SplitShard',
]);

/** They change which shards are open. */
const RESHARDING = new Set(['CreateStream', 'DeleteStream', 'MergeShards', 'SplitShard']);

export interface KinesisFrontOptions {
  readonly engine: KinesisEngine;
  readonly nudge: Nudge;
  readonly clock: Clock;
  readonly accountId: string;
  /** Whether shards refuse what is above AWS's limits. */
  readonly shardLimits: boolean;
  /** Refuses records that the stream would take; asked before the limits. */
  readonly admit?: AdmitRecord;
}

export interface KinesisFront {
  /** Answers one request of the Kinesis API. */
  handle(operation: string, request: IncomingMessage, response: ServerResponse): Promise<void>;
}

interface KinesisRequest {
  StreamName?: string;
  StreamARN?: string;
  ShardCount?: number;
  StreamModeDetails?: { StreamMode?: string };
}

/**
 * Hands requests to the Kinesis engine, which is of an older day: it knows streams by name only
 * (not by ARN) and provisioned ones only, and its shards take as much as they are given.
 */
export function createKinesisFront(options: KinesisFrontOptions): KinesisFront {
  const { engine, nudge, clock, accountId } = options;
  const shards = createShardMap(engine);
  const limits = options.shardLimits ? createShardLimits(clock, accountId) : undefined;
  const checks = [options.admit, limits?.admit].filter((one) => one !== undefined);
  const gate =
    checks.length > 0 ? createPutGate({ engine, shards, admit: admitByAll(checks) }) : undefined;

  async function put(operation: string, body: Buffer): Promise<EngineAnswer | undefined> {
    const request = gate && readPutRequest(operation, parseJson(body));
    if (!request) return undefined;
    const verdict = await (operation === 'PutRecord'
      ? gate.putRecord(request)
      : gate.putRecords(request));
    return verdict.kind === 'answered' ? verdict.answer : undefined;
  }

  return {
    async handle(operation, request, response) {
      if (!OPERATIONS.has(operation)) {
        sendAwsError(response, 'json', notOffered(`Kinesis ${operation}`));
        return;
      }
      const received = await readBody(request, MAX_REQUEST_BYTES);
      // CBOR (the Java SDK) passes as it is; its records wait for the poller's next turn.
      const { body, stream } = header(request, 'content-type')?.includes('cbor')
        ? { body: received, stream: undefined }
        : adapt(operation, received);
      if (stream !== undefined && operation.startsWith('PutRecord')) {
        response.once('finish', () => {
          if (response.statusCode === 200) nudge({ kind: 'kinesis', name: stream });
        });
        const answer = await put(operation, body);
        if (answer) {
          sendAnswer(response, answer);
          return;
        }
      }
      if (RESHARDING.has(operation) && stream !== undefined) {
        shards.changed(stream);
        response.once('finish', () => shards.changed(stream));
      }
      engine.handle(replayRequest(request, body), response);
    },
  };
}

function sendAnswer(response: ServerResponse, { status, body }: EngineAnswer): void {
  const type = { 'content-type': 'application/x-amz-json-1.1' };
  send(response, status, type, JSON.stringify(body));
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    // The engine answers malformed JSON as AWS does.
    return undefined;
  }
}

function adapt(operation: string, body: Buffer): { body: Buffer; stream: string | undefined } {
  // Reads and writes by name need no change; a regular expression is cheaper than 5 MB of JSON.
  const name = /"StreamName"\s*:\s*"([^"]*)"/.exec(body.toString('latin1', 0, body.length))?.[1];
  if (name !== undefined && operation !== 'CreateStream') return { body, stream: name };
  const parsed = parseJson(body) as KinesisRequest | undefined;
  if (typeof parsed !== 'object' || parsed === null) return { body, stream: undefined };
  if (parsed.StreamARN && !parsed.StreamName)
    parsed.StreamName = parsed.StreamARN.split('/')[1] ?? '';
  if (parsed.StreamModeDetails?.StreamMode === 'ON_DEMAND') parsed.ShardCount ??= ON_DEMAND_SHARDS;
  delete parsed.StreamARN;
  delete parsed.StreamModeDetails;
  return { body: Buffer.from(JSON.stringify(parsed)), stream: parsed.StreamName };
}
