import type { IncomingMessage, ServerResponse } from 'node:http';
import type { KinesisEngine } from '../engines/kinesis.ts';
import type { Nudge } from '../ports.ts';
import { notOffered, sendAwsError } from './aws-error.ts';
import { header, readBody, replayRequest } from './message.ts';

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

interface KinesisRequest {
  StreamName?: string;
  StreamARN?: string;
  ShardCount?: number;
  StreamModeDetails?: { StreamMode?: string };
}

/**
 * Hands requests to the Kinesis engine, which is of an older day: it knows streams by name only
 * (not by ARN) and provisioned ones only.
 */
export async function handleKinesis(
  engine: KinesisEngine,
  nudge: Nudge,
  operation: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (!OPERATIONS.has(operation)) {
    sendAwsError(response, 'json', notOffered(`Kinesis ${operation}`));
    return;
  }
  const received = await readBody(request, MAX_REQUEST_BYTES);
  // CBOR (the Java SDK) passes as it is; its records wait for the poller's next turn.
  const adapted = header(request, 'content-type')?.includes('cbor')
    ? { body: received, stream: undefined }
    : adapt(operation, received);
  const { stream } = adapted;
  if (stream !== undefined && operation.startsWith('PutRecord')) {
    response.once('finish', () => {
      if (response.statusCode === 200) nudge({ kind: 'kinesis', name: stream });
    });
  }
  engine.handle(replayRequest(request, adapted.body), response);
}

function adapt(operation: string, body: Buffer): { body: Buffer; stream: string | undefined } {
  // Reads and writes by name need no change; a regular expression is cheaper than 5 MB of JSON.
  const name = /"StreamName"\s*:\s*"([^"]*)"/.exec(body.toString('latin1', 0, body.length))?.[1];
  if (name !== undefined && operation !== 'CreateStream') return { body, stream: name };
  let parsed: KinesisRequest;
  try {
    parsed = JSON.parse(body.toString('utf8'));
  } catch {
    // The engine answers malformed JSON as AWS does.
    return { body, stream: undefined };
  }
  if (parsed.StreamARN && !parsed.StreamName)
    parsed.StreamName = parsed.StreamARN.split('/')[1] ?? '';
  if (parsed.StreamModeDetails?.StreamMode === 'ON_DEMAND') parsed.ShardCount ??= ON_DEMAND_SHARDS;
  delete parsed.StreamARN;
  delete parsed.StreamModeDetails;
  return { body: Buffer.from(JSON.stringify(parsed)), stream: parsed.StreamName };
}
