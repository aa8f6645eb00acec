import type { FunctionDefinition, TriggerDefinition } from '../ports.ts';
import { type EngineCalls, EngineError } from './aws-json.ts';
import { isRecord } from './intrinsics.ts';

/**
 * Why AWS would refuse a queue's mapping: the queue shows a message to others while the function may
 * still work on it. One line per trigger; none where the queue does not exist yet, as another service
 * may make it later.
 *
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
 */
export async function shortVisibilityTimeouts(
  triggers: readonly TriggerDefinition[],
  functions: readonly FunctionDefinition[],
  engines: EngineCalls,
): Promise<ReadonlyMap<TriggerDefinition, string>> {
  const refused = new Map<TriggerDefinition, string>();
  for (const trigger of triggers) {
    if (trigger.kind !== 'sqs') continue;
    const timeout = functions.find(({ name }) => name === trigger.functionName)?.timeoutSeconds;
    const visibility = await visibilityTimeout(trigger.sourceArn, engines);
    if (timeout === undefined || visibility === undefined || visibility >= timeout) continue;
    refused.set(
      trigger,
      `${trigger.functionName}, ${trigger.sourceArn}: the queue's visibility timeout of ${visibility} s is less than the function's timeout of ${timeout} s.`,
    );
  }
  return refused;
}

/** In seconds; undefined if there is no such queue. */
async function visibilityTimeout(arn: string, engines: EngineCalls): Promise<number | undefined> {
  try {
    const QueueName = arn.slice(arn.lastIndexOf(':') + 1);
    const { QueueUrl } = await engines.call('AmazonSQS.GetQueueUrl', { QueueName });
    const AttributeNames = ['VisibilityTimeout'];
    const answer = await engines.call('AmazonSQS.GetQueueAttributes', { QueueUrl, AttributeNames });
    return isRecord(answer.Attributes) ? Number(answer.Attributes.VisibilityTimeout) : undefined;
  } catch (error) {
    if (error instanceof EngineError && error.status < 500) return undefined;
    throw error;
  }
}
