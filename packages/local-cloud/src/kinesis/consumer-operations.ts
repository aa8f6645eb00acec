import type { Clock } from '../clock.ts';
import type { EngineAnswer, KinesisEngine } from '../engines/kinesis.ts';
import { refusal } from './refusal.ts';
import {
  CONSUMERS_PER_STREAM,
  type StreamConsumer,
  type StreamConsumers,
  type StreamLife,
} from './stream-consumers.ts';

type Input = Readonly<Record<string, unknown>>;

const PAGE = 100;
const LONGEST_PAGE = 10_000;

/** A consumer that was found, and its stream. */
interface FoundConsumer {
  readonly stream: StreamLife;
  readonly consumer: StreamConsumer;
}

/** What AWS offers to register the readers of enhanced fan-out. */
export interface ConsumerOperations {
  /** By operation. */
  readonly answers: Readonly<Record<string, (input: Input) => Promise<EngineAnswer>>>;
  /** By `ConsumerARN`, or by `StreamARN` and `ConsumerName`; a refusal when there is none. */
  find(input: Input): Promise<FoundConsumer | EngineAnswer>;
  /** How many the stream has; 0 when there is no such stream. */
  count(stream: string): Promise<number>;
}

/**
 * A consumer is ready as soon as it is registered: AWS answers CREATING, and so does this, but
 * whoever asks then finds it ACTIVE.
 * https://docs.aws.amazon.com/kinesis/latest/APIReference/API_RegisterStreamConsumer.html
 * https://docs.aws.amazon.com/kinesis/latest/APIReference/API_DeregisterStreamConsumer.html
 */
export function createConsumerOperations(options: {
  readonly engine: KinesisEngine;
  readonly consumers: StreamConsumers;
  readonly clock: Clock;
  readonly accountId: string;
  readonly streamArn: (stream: string) => string;
  /** A consumer has left. */
  readonly onDeregistered: (consumerArn: string) => void;
}): ConsumerOperations {
  const { engine, consumers, clock, accountId, streamArn } = options;

  async function streamOf(arn: unknown): Promise<StreamLife | EngineAnswer> {
    const name = typeof arn === 'string' ? arn.split('/')[1] : undefined;
    if (name === undefined || arn !== streamArn(name)) {
      return refusal(
        'ResourceNotFoundException',
        `Stream ${arn} under account ${accountId} not found.`,
      );
    }
    const answer = await engine.call('DescribeStreamSummary', { StreamName: name });
    if (answer.status !== 200) return answer;
    const { StreamStatus, StreamCreationTimestamp } = answer.body
      .StreamDescriptionSummary as Readonly<Record<string, unknown>>;
    if (StreamStatus === 'CREATING' || StreamStatus === 'DELETING') {
      const reason = `Stream ${name} under account ${accountId} not ACTIVE, instead in state ${StreamStatus}`;
      return refusal('ResourceInUseException', reason);
    }
    return { name, createdAt: Number(StreamCreationTimestamp) };
  }

  async function find(input: Input): Promise<FoundConsumer | EngineAnswer> {
    const named = nameOf(input);
    if (!named) {
      const reason = 'Either ConsumerARN, or StreamARN and ConsumerName must be specified.';
      return refusal('InvalidArgumentException', reason);
    }
    const stream = await streamOf(named.streamArn);
    if (isAnswer(stream)) return stream;
    const consumer = consumers.find(stream, named.name);
    if (consumer && (named.arn === undefined || named.arn === consumer.arn)) {
      return { stream, consumer };
    }
    const called = named.arn ?? named.name;
    const reason = `Consumer ${called} of stream ${stream.name} under account ${accountId} not found.`;
    return refusal('ResourceNotFoundException', reason);
  }

  const answers: ConsumerOperations['answers'] = {
    async RegisterStreamConsumer(input) {
      const { ConsumerName: name } = input;
      if (typeof name !== 'string' || !/^[a-zA-Z0-9_.-]{1,128}$/.test(name)) {
        const reason = `1 validation error detected: Value '${name}' at 'consumerName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+ and have length between 1 and 128`;
        return refusal('ValidationException', reason);
      }
      const stream = await streamOf(input.StreamARN);
      if (isAnswer(stream)) return stream;
      const owner = `Stream ${stream.name} under account ${accountId}`;
      if (consumers.find(stream, name)) {
        return refusal('ResourceInUseException', `${owner} already has a consumer ${name}.`);
      }
      if (consumers.count(stream) >= CONSUMERS_PER_STREAM) {
        const reason = `${owner} has ${CONSUMERS_PER_STREAM} consumers, and may not have more.`;
        return refusal('LimitExceededException', reason);
      }
      const consumer = consumers.add(stream, name, clock.now());
      return { status: 200, body: { Consumer: described(consumer, 'CREATING') } };
    },
    async DescribeStreamConsumer(input) {
      const found = await find(input);
      if (isAnswer(found)) return found;
      const StreamARN = streamArn(found.stream.name);
      const ConsumerDescription = { ...described(found.consumer, 'ACTIVE'), StreamARN };
      return { status: 200, body: { ConsumerDescription } };
    },
    async ListStreamConsumers(input) {
      const { MaxResults: limit = PAGE, StreamCreationTimestamp: createdAt, NextToken } = input;
      const after = readToken(NextToken);
      if (after === undefined || !isPageSize(limit)) {
        const reason = 'NextToken must be of an earlier answer, and MaxResults from 1 to 10000.';
        return refusal('InvalidArgumentException', reason);
      }
      const stream = await streamOf(input.StreamARN);
      if (isAnswer(stream)) return stream;
      const isOther = createdAt !== undefined && createdAt !== stream.createdAt;
      const listed = isOther ? [] : consumers.list(stream, after, limit + 1);
      const page = listed.slice(0, limit);
      const more = listed.length > limit && { NextToken: writeToken(page.at(-1)?.name ?? '') };
      return {
        status: 200,
        body: { Consumers: page.map((one) => described(one, 'ACTIVE')), ...more },
      };
    },
    async DeregisterStreamConsumer(input) {
      const found = await find(input);
      if (isAnswer(found)) return found;
      consumers.remove(found.stream, found.consumer.name);
      options.onDeregistered(found.consumer.arn);
      return { status: 200, body: {} };
    },
  };

  return {
    answers,
    find,
    async count(name) {
      const stream = await streamOf(streamArn(name));
      return isAnswer(stream) ? 0 : consumers.count(stream);
    },
  };
}

export function isAnswer(value: object): value is EngineAnswer {
  return 'status' in value;
}

function described(consumer: StreamConsumer, ConsumerStatus: string) {
  return {
    ConsumerName: consumer.name,
    ConsumerARN: consumer.arn,
    ConsumerStatus,
    ConsumerCreationTimestamp: consumer.createdAt,
  };
}

function nameOf({ ConsumerARN, StreamARN, ConsumerName }: Input) {
  if (typeof ConsumerARN === 'string') {
    const [, streamArn, name] = /^(.*)\/consumer\/([^/:]+):\d+$/.exec(ConsumerARN) ?? [];
    return { streamArn: streamArn ?? ConsumerARN, name: name ?? '', arn: ConsumerARN };
  }
  if (typeof StreamARN !== 'string' || typeof ConsumerName !== 'string') return undefined;
  return { streamArn: StreamARN, name: ConsumerName, arn: undefined };
}

function isPageSize(limit: unknown): limit is number {
  return (
    typeof limit === 'number' && Number.isInteger(limit) && limit >= 1 && limit <= LONGEST_PAGE
  );
}

/** A token is the name that the page before ended with. */
function writeToken(name: string): string {
  return Buffer.from(name).toString('base64url');
}

function readToken(token: unknown): string | undefined {
  if (token === undefined) return '';
  if (typeof token !== 'string') return undefined;
  const name = Buffer.from(token, 'base64url').toString();
  return writeToken(name) === token ? name : undefined;
}
