import { randomUUID } from 'node:crypto';
import type { AsyncInvocations, MessageSink, TopicRuleAction } from '../ports.ts';
import type { SqlEvaluation, SqlResult } from './sql/evaluate.ts';
import { substitute } from './substitution.ts';
import type { RuleMessage } from './topic-rules.ts';

/** A republished message that is republished again and again would never end. */
const MAX_HOPS = 10;

/** What actions deliver to. */
export interface ActionPorts {
  readonly region: string;
  readonly sink: MessageSink;
  readonly bus: {
    republish(topic: string, payload: Buffer, qos: 0 | 1, hops: number): Promise<void>;
  };
  /** Rejects when the stream does not take the record. */
  putRecord(streamName: string, partitionKey: string, data: Buffer): Promise<void>;
}

/**
 * Queues a Lambda action. Synchronous, so that it can be part of a transaction; an error of the
 * queue itself is thrown. `later`: not a Lambda action, `runAction` does it.
 */
export function handOver(
  action: TopicRuleAction,
  result: SqlResult,
  async: AsyncInvocations,
): 'done' | 'later' | { readonly error: Error } {
  if (action.kind !== 'lambda') return 'later';
  if (!result.json) {
    const hint = "select encode(*, 'base64') AS data to pass binary payloads";
    return { error: new Error(`A function takes JSON only, and the payload is none: ${hint}.`) };
  }
  async.enqueue(action.functionName, result.body.toString('utf8'));
  return 'done';
}

/** Delivers to anything else and resolves when the target has the message. */
export async function runAction(
  action: TopicRuleAction,
  result: SqlResult,
  evaluation: SqlEvaluation,
  message: RuleMessage,
  ports: ActionPorts,
): Promise<void> {
  switch (action.kind) {
    case 'lambda':
      throw new Error('Lambda actions are handed over, not run');
    case 'sqs': {
      const text = action.useBase64 ? result.body.toString('base64') : result.body.toString('utf8');
      return ports.sink.send(queueArn(action.queueUrl, ports.region), text);
    }
    case 'sns':
      return ports.sink.send(action.targetArn, result.body.toString('utf8'));
    case 'kinesis': {
      const key = action.partitionKey && substitute(action.partitionKey, evaluation);
      return ports.putRecord(action.streamName, key || randomUUID(), result.body);
    }
    case 'republish': {
      if (message.hops >= MAX_HOPS) {
        throw new Error(
          `The message was republished ${MAX_HOPS} times already: rules in a circle.`,
        );
      }
      const topic = substitute(action.topic, evaluation);
      return ports.bus.republish(topic, result.body, action.qos, message.hops + 1);
    }
  }
}

/** The name of what an action delivers to, as error records have it. */
export function resourceOf(action: TopicRuleAction): string {
  switch (action.kind) {
    case 'lambda':
      return action.functionName;
    case 'sqs':
      return action.queueUrl;
    case 'sns':
      return action.targetArn;
    case 'kinesis':
      return action.streamName;
    case 'republish':
      return action.topic;
  }
}

/** `http://host/<account>/<name>` → the queue's ARN. */
function queueArn(queueUrl: string, region: string): string {
  const [account = '', name = ''] = new URL(queueUrl).pathname.split('/').filter(Boolean);
  return `arn:aws:sqs:${region}:${account}:${name}`;
}
