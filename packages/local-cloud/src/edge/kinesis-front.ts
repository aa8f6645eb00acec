import type { IncomingMessage, ServerResponse } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../clock.ts';
import type { EngineAnswer, KinesisEngine } from '../engines/kinesis.ts';
import { type AdmitRecord, admitByAll } from '../kinesis/admission.ts';
import { createConsumerOperations, isAnswer } from '../kinesis/consumer-operations.ts';
import { createLimitedReads } from '../kinesis/limited-reads.ts';
import { createPuts } from '../kinesis/put-records.ts';
import { refusal } from '../kinesis/refusal.ts';
import { createResharding } from '../kinesis/resharding.ts';
import { createShardLimits } from '../kinesis/shard-limits.ts';
import { createStreamConsumers } from '../kinesis/stream-consumers.ts';
import { createStreamModes } from '../kinesis/stream-modes.ts';
import { describeShards } from '../kinesis/stream-shards.ts';
import { createSubscriptions } from '../kinesis/subscriptions.ts';
import { iteratorAtTimestamp } from '../kinesis/timestamp-iterator.ts';
import type { Nudge } from '../ports.ts';
import type { CloudState } from '../state.ts';
import { notOffered, sendAwsError } from './aws-error.ts';
import { isJsonCall, sendAnswer } from './json-call.ts';
import { header, readBody, replayRequest } from './message.ts';
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

type Input = Readonly<Record<string, unknown>>;

/** A request as the engine understands it. */
interface Adapted {
  readonly input: Input;
  readonly stream: string;
  readonly isOnDemand: boolean;
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
  const modes = createStreamModes(state);
  const limits = options.shardLimits ? createShardLimits(clock, accountId) : undefined;
  const checks = [options.admit, limits?.admit].filter((one) => one !== undefined);
  const puts = createPuts(engine, admitByAll(checks));
  const reads = limits && createLimitedReads(engine, limits);
  const resharding = createResharding({
    ...{ state, engine, modes, clock, limits: options.shardLimits },
    streamArn,
  });
  const consumers = createStreamConsumers(state, streamArn);
  const registered = createConsumerOperations({
    ...{ engine, consumers, clock, accountId, streamArn },
    onDeregistered: (consumerArn) => subscriptions.deregistered(consumerArn),
  });
  const { find } = registered;
  const subscriptions = createSubscriptions({ engine, clock, find, limited: options.shardLimits });
  engine.onStored((stream) => {
    nudge({ kind: 'kinesis', name: stream });
    subscriptions.nudge(stream);
  });

  const answers: Answers = {
    PutRecord: ({ input }) => afterInvocation(puts.putRecord(input)),
    PutRecords: ({ input }) => afterInvocation(puts.putRecords(input)),
    GetRecords: async ({ input }) => reads?.getRecords(input),
    GetShardIterator: ({ input }) => iteratorAtTimestamp(engine, input),
    UpdateShardCount: ({ input }) => resharding.updateShardCount(input),
    DescribeStream: (request) => described('DescribeStream', 'StreamDescription', request),
    DescribeStreamSummary: (request) =>
      described('DescribeStreamSummary', 'StreamDescriptionSummary', request),
    DeleteStream: refuseDeletion,
    SplitShard: refuseResharding,
    MergeShards: refuseResharding,
  };

  /** The engine would split or merge a closed shard again, and then hold two for one hash range. */
  async function refuseResharding({ input, stream }: Adapted) {
    if (resharding.isRunning(stream)) {
      const reason = `Stream ${stream} under account ${accountId} not ACTIVE, instead in state UPDATING`;
      return refusal('ResourceInUseException', reason);
    }
    const description = await describeShards(engine.log, stream);
    const named = [input.ShardToSplit, input.ShardToMerge, input.AdjacentShardToMerge];
    const closed = named.find((id) => description?.closed.includes(String(id)));
    if (closed === undefined) return undefined;
    const reason = `Shard ${closed} in stream ${stream} under account ${accountId} has already been merged or split, and thus is not eligible for merging or splitting.`;
    return refusal('ResourceInUseException', reason);
  }

  /** https://docs.aws.amazon.com/kinesis/latest/APIReference/API_DeleteStream.html */
  async function refuseDeletion({ input, stream }: Adapted) {
    if (input.EnforceConsumerDeletion === true) return undefined;
    if ((await registered.count(stream)) === 0) return undefined;
    const reason = `Stream ${stream} under account ${accountId} has registered consumers: deregister them, or set EnforceConsumerDeletion.`;
    return refusal('ResourceInUseException', reason);
  }

  /** The mode, the consumers, and the state while the stream is scaled: between two steps the engine is ACTIVE. */
  async function described(
    operation: string,
    element: string,
    { input, stream }: Adapted,
  ): Promise<EngineAnswer> {
    const answer = await engine.call(operation, input);
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

  /** What an operation that succeeded changes here. */
  function succeeded(operation: string, { stream, isOnDemand }: Adapted): void {
    if (operation === 'CreateStream') modes.set(stream, isOnDemand ? 'ON_DEMAND' : 'PROVISIONED');
    if (operation === 'DeleteStream') consumers.forget(stream);
    if (RESHARDING.has(operation)) subscriptions.nudge(stream);
  }

  async function answer(operation: string, input: Input): Promise<EngineAnswer> {
    const fanOut = await registered.answers[operation]?.(input);
    if (fanOut) return fanOut;
    const adapted = adapt(input);
    const answered =
      (await answers[operation]?.(adapted)) ?? (await engine.call(operation, adapted.input));
    if (answered.status === 200) succeeded(operation, adapted);
    return answered;
  }

  return {
    async handle(operation, request, response) {
      if (!OPERATIONS.has(operation)) {
        sendAwsError(response, 'json', notOffered(`Kinesis ${operation}`));
        return;
      }
      const body = await readBody(request, MAX_REQUEST_BYTES);
      if (header(request, 'content-type')?.includes('cbor')) {
        sendAwsError(response, 'json', notOffered('CBOR for Kinesis (set AWS_CBOR_DISABLE=true)'));
        return;
      }
      const input = parseJson(body);
      if (operation === 'SubscribeToShard') {
        const subscription = await subscriptions.subscribe(input ?? {});
        if (isAnswer(subscription)) sendAnswer(request, response, subscription);
        else await sendSubscription(subscription, response);
      } else if (input && isJsonCall(request)) {
        sendAnswer(request, response, await answer(operation, input));
      } else {
        engine.refuse(replayRequest(request, body), response);
      }
    },
    async close() {
      await Promise.all([resharding.close(), subscriptions.close()]);
    },
  };
}

/**
 * The mapping, which knows already, calls its function in this turn: to write an answer takes longer
 * than that, and the record would wait for it.
 */
async function afterInvocation(stored: Promise<EngineAnswer>): Promise<EngineAnswer> {
  const answer = await stored;
  await nextTurn();
  return answer;
}

function parseJson(body: Buffer): Input | undefined {
  try {
    const parsed: unknown = JSON.parse(body.toString('utf8'));
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : undefined;
  } catch {
    // The engine answers malformed JSON as AWS does.
    return undefined;
  }
}

function adapt({ StreamARN, StreamModeDetails, ...input }: Input): Adapted {
  const named =
    typeof StreamARN === 'string' ? { StreamName: StreamARN.split('/')[1] ?? '' } : undefined;
  const details = (StreamModeDetails ?? {}) as Input;
  const isOnDemand = details.StreamMode === 'ON_DEMAND';
  const adapted: Input = {
    ...named,
    ...input,
    ...(isOnDemand && { ShardCount: input.ShardCount ?? ON_DEMAND_SHARDS }),
  };
  return { input: adapted, stream: String(adapted.StreamName ?? ''), isOnDemand };
}
