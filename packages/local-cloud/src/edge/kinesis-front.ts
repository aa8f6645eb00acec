import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../clock.ts';
import type { EngineAnswer, KinesisEngine } from '../engines/kinesis.ts';
import { type AdmitRecord, admitByAll } from '../kinesis/admission.ts';
import { createConsumerOperations, isAnswer } from '../kinesis/consumer-operations.ts';
import { createLimitedReads } from '../kinesis/limited-reads.ts';
import { createPutGate, readPutRequest } from '../kinesis/put-records.ts';
import { refusal } from '../kinesis/refusal.ts';
import { createResharding } from '../kinesis/resharding.ts';
import { createShardLimits } from '../kinesis/shard-limits.ts';
import { createShardMap } from '../kinesis/shard-map.ts';
import { createStreamConsumers } from '../kinesis/stream-consumers.ts';
import { createStreamModes } from '../kinesis/stream-modes.ts';
import { createSubscriptions } from '../kinesis/subscriptions.ts';
import { iteratorAtTimestamp } from '../kinesis/timestamp-iterator.ts';
import type { Nudge } from '../ports.ts';
import type { CloudState } from '../state.ts';
import { POLLER_USER_AGENT } from '../triggers/aws-clients.ts';
import { notOffered, sendAwsError } from './aws-error.ts';
import { header, readBody, replayRequest, send } from './message.ts';
import { sendSubscription } from './shard-subscription.ts';

const MAX_REQUEST_BYTES = 11 * 1024 * 1024;

/** How many shards AWS gives a new on-demand stream. */
const ON_DEMAND_SHARDS = 4;

/** What is answered, by the engine or here. */
const OPERATIONS = new Set([
  'AddTagsToStream',
  'CreateStream',
  'DecreaseStreamRetentionPeriod',
  'DeleteStream',
  'DeregisterStreamConsumer',
  'DescribeStream',
  'DescribeStreamConsumer',
  'DescribeStreamSummary',
  'GetRecords',
  'GetShardIterator',
  'IncreaseStreamRetentionPeriod',
  'ListShards',
  'ListStreamConsumers',
  'ListStreams',
  'ListTagsForStream',
  'MergeShards',
  'PutRecord',
  'PutRecords',
  'RegisterStreamConsumer',
  'RemoveTagsFromStream',
  'SplitShard',
  'SubscribeToShard',
  'UpdateShardCount',
]);

/** They change which shards are open. */
const RESHARDING = new Set(['CreateStream', 'DeleteStream', 'MergeShards', 'SplitShard']);

export interface KinesisFrontOptions {
  readonly state: CloudState;
  readonly engine: KinesisEngine;
  readonly nudge: Nudge;
  readonly clock: Clock;
  readonly region: string;
  readonly accountId: string;
  /** Whether shards and scaling are refused what is above AWS's limits. */
  readonly shardLimits: boolean;
  /** Refuses records that the stream would take; asked before the limits. */
  readonly admit?: AdmitRecord;
}

export interface KinesisFront {
  /** Answers one request of the Kinesis API. */
  handle(operation: string, request: IncomingMessage, response: ServerResponse): Promise<void>;
  close(): Promise<void>;
}

interface KinesisRequest extends Record<string, unknown> {
  StreamName?: string;
  StreamARN?: string;
  ShardCount?: number;
  StreamModeDetails?: { StreamMode?: string };
}

/** A request as the engine understands it. */
interface Adapted {
  readonly body: Buffer;
  readonly stream: string | undefined;
  readonly isOnDemand?: boolean;
}

/** What is answered here; `undefined` leaves the request to the engine, as it is. */
type Answers = Record<string, (request: Adapted) => Promise<EngineAnswer | undefined>>;

/**
 * Hands requests to the Kinesis engine, which is of an older day: it knows streams by name only
 * (not by ARN) and provisioned ones only, its shards take and give as much as they are asked for, it
 * cannot scale, and enhanced fan-out is unknown to it.
 */
export function createKinesisFront(options: KinesisFrontOptions): KinesisFront {
  const { engine, nudge, clock, accountId, region, state } = options;
  const streamArn = (stream: string) => `arn:aws:kinesis:${region}:${accountId}:stream/${stream}`;
  const shards = createShardMap(engine);
  const modes = createStreamModes(state);
  const limits = options.shardLimits ? createShardLimits(clock, accountId) : undefined;
  const checks = [options.admit, limits?.admit].filter((one) => one !== undefined);
  const gate = createPutGate({ engine, shards, admit: admitByAll(checks) });
  const reads = limits && createLimitedReads(engine, limits);
  const resharding = createResharding({
    ...{ state, engine, shards, modes, clock, limits: options.shardLimits },
    streamArn,
  });
  const consumers = createStreamConsumers(state, streamArn);
  const registered = createConsumerOperations({
    ...{ engine, consumers, clock, accountId, streamArn },
    onDeregistered: (consumerArn) => subscriptions.deregistered(consumerArn),
  });
  const { find } = registered;
  const subscriptions = createSubscriptions({ engine, clock, find, limited: options.shardLimits });

  const answers: Answers = {
    async PutRecord({ body }) {
      const request = checks.length > 0 && readPutRequest('PutRecord', parseJson(body));
      return request ? gate.putRecord(request) : undefined;
    },
    async PutRecords({ body }) {
      const request = checks.length > 0 && readPutRequest('PutRecords', parseJson(body));
      return request ? gate.putRecords(request) : undefined;
    },
    GetRecords: async ({ body }) => reads?.getRecords(parseJson(body)),
    GetShardIterator: async ({ body }) => iteratorAtTimestamp(engine, parseJson(body)),
    UpdateShardCount: async ({ body }) => resharding.updateShardCount(parseJson(body) ?? {}),
    DescribeStream: (request) => described('DescribeStream', 'StreamDescription', request),
    DescribeStreamSummary: (request) =>
      described('DescribeStreamSummary', 'StreamDescriptionSummary', request),
    DeleteStream: refuseDeletion,
    SplitShard: refuseResharding,
    MergeShards: refuseResharding,
  };

  /** The engine would split or merge a closed shard again, and then hold two for one hash range. */
  async function refuseResharding({ body, stream = '' }: Adapted) {
    if (resharding.isRunning(stream)) {
      const reason = `Stream ${stream} under account ${accountId} not ACTIVE, instead in state UPDATING`;
      return refusal('ResourceInUseException', reason);
    }
    const description = await shards.describe(stream);
    const input = parseJson(body) ?? {};
    const named = [input.ShardToSplit, input.ShardToMerge, input.AdjacentShardToMerge];
    const closed = named.find((id) => description?.closed.includes(String(id)));
    if (closed === undefined) return undefined;
    const reason = `Shard ${closed} in stream ${stream} under account ${accountId} has already been merged or split, and thus is not eligible for merging or splitting.`;
    return refusal('ResourceInUseException', reason);
  }

  /** https://docs.aws.amazon.com/kinesis/latest/APIReference/API_DeleteStream.html */
  async function refuseDeletion({ body, stream = '' }: Adapted) {
    if (parseJson(body)?.EnforceConsumerDeletion === true) return undefined;
    if ((await registered.count(stream)) === 0) return undefined;
    const reason = `Stream ${stream} under account ${accountId} has registered consumers: deregister them, or set EnforceConsumerDeletion.`;
    return refusal('ResourceInUseException', reason);
  }

  /** The mode, the consumers, and the state while the stream is scaled: between two steps the engine is ACTIVE. */
  async function described(
    operation: string,
    element: string,
    { body, stream = '' }: Adapted,
  ): Promise<EngineAnswer> {
    const answer = await engine.call(operation, parseJson(body) ?? {});
    const description = answer.body[element];
    if (typeof description !== 'object' || description === null) return answer;
    const StreamStatus = resharding.isRunning(stream) ? { StreamStatus: 'UPDATING' } : {};
    const StreamModeDetails = { StreamMode: modes.of(stream) };
    const ConsumerCount = 'ConsumerCount' in description && {
      ConsumerCount: await registered.count(stream),
    };
    const whole = { ...description, StreamModeDetails, ...ConsumerCount, ...StreamStatus };
    return { status: answer.status, body: { [element]: whole } };
  }

  function watch(operation: string, { stream, isOnDemand }: Adapted, response: ServerResponse) {
    if (stream === undefined) return;
    if (RESHARDING.has(operation)) shards.changed(stream);
    response.once('finish', () => {
      if (RESHARDING.has(operation)) shards.changed(stream);
      if (response.statusCode !== 200) return;
      if (operation.startsWith('PutRecord')) nudge({ kind: 'kinesis', name: stream });
      if (operation.startsWith('PutRecord') || RESHARDING.has(operation)) {
        subscriptions.nudge(stream);
      }
      if (operation === 'DeleteStream') consumers.forget(stream);
      if (operation === 'CreateStream') modes.set(stream, isOnDemand ? 'ON_DEMAND' : 'PROVISIONED');
    });
  }

  /** What the engine knows nothing of. Answers `false` when the operation is not one of these. */
  async function handleFanOut(operation: string, body: Buffer, response: ServerResponse) {
    if (operation === 'SubscribeToShard') {
      const subscription = await subscriptions.subscribe(parseJson(body) ?? {});
      if (isAnswer(subscription)) sendAnswer(response, subscription);
      else await sendSubscription(subscription, response);
      return true;
    }
    const answer = await registered.answers[operation]?.(parseJson(body) ?? {});
    if (answer) sendAnswer(response, answer);
    return answer !== undefined;
  }

  return {
    async handle(operation, request, response) {
      if (!OPERATIONS.has(operation)) {
        sendAwsError(response, 'json', notOffered(`Kinesis ${operation}`));
        return;
      }
      const received = await readBody(request, MAX_REQUEST_BYTES);
      if (header(request, 'content-type')?.includes('cbor')) {
        sendAwsError(response, 'json', notOffered('CBOR for Kinesis (set AWS_CBOR_DISABLE=true)'));
        return;
      }
      if (await handleFanOut(operation, received, response)) return;
      const adapted = adapt(operation, received);
      watch(operation, adapted, response);
      // A mapping's poll is not counted. It comes on notice, far more often than AWS's once a second,
      // and refusing it would keep nobody from anything but make every record later.
      const isPoll =
        operation === 'GetRecords' &&
        header(request, 'user-agent')?.includes(POLLER_USER_AGENT) === true;
      const answer = isPoll ? undefined : await answers[operation]?.(adapted);
      if (answer) sendAnswer(response, answer);
      else engine.handle(replayRequest(request, adapted.body), response);
    },
    async close() {
      await Promise.all([resharding.close(), subscriptions.close()]);
    },
  };
}

function sendAnswer(response: ServerResponse, { status, body }: EngineAnswer): void {
  const type = { 'content-type': 'application/x-amz-json-1.1' };
  send(response, status, type, JSON.stringify(body));
}

function parseJson(body: Buffer): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(body.toString('utf8'));
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : undefined;
  } catch {
    // The engine answers malformed JSON as AWS does.
    return undefined;
  }
}

function adapt(operation: string, body: Buffer): Adapted {
  // Reads and writes by name need no change; a regular expression is cheaper than 5 MB of JSON.
  const name = /"StreamName"\s*:\s*"([^"]*)"/.exec(body.toString('latin1', 0, body.length))?.[1];
  if (name !== undefined && operation !== 'CreateStream') return { body, stream: name };
  const parsed: KinesisRequest | undefined = parseJson(body);
  if (!parsed) return { body, stream: undefined };
  if (parsed.StreamARN && !parsed.StreamName)
    parsed.StreamName = parsed.StreamARN.split('/')[1] ?? '';
  const isOnDemand = parsed.StreamModeDetails?.StreamMode === 'ON_DEMAND';
  if (isOnDemand) parsed.ShardCount ??= ON_DEMAND_SHARDS;
  delete parsed.StreamARN;
  delete parsed.StreamModeDetails;
  const stream = parsed.StreamName;
  return { body: Buffer.from(JSON.stringify(parsed)), stream, isOnDemand };
}
