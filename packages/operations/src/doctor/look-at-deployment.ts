import {
  type EventSourceMappingConfiguration,
  type LambdaClient,
  paginateListEventSourceMappings,
  paginateListFunctions,
} from '@aws-sdk/client-lambda';
import { GetQueueAttributesCommand, paginateListQueues, type SQSClient } from '@aws-sdk/client-sqs';
import { attention, type Finding, good, wrong } from './finding.ts';
import { type FailureQueue, lookAtQueues } from './look-at-queues.ts';

export interface Deployment {
  readonly lambda: LambdaClient;
  readonly sqs: SQSClient;
  readonly stage: string;
  /** Names of the folders under `services/`. */
  readonly services: readonly string[];
}

const FAILURES = /-(failures|rule-errors)$/;

/**
 * What is not as it should be in a stage that was deployed: services that are not there, triggers that
 * do not work, failures that wait. Reads names and states only: `lambda:ListFunctions`,
 * `lambda:ListEventSourceMappings`, `sqs:ListQueues` and `sqs:GetQueueAttributes`.
 */
export async function lookAtDeployment(deployment: Deployment): Promise<Finding[]> {
  try {
    return [
      ...(await lookAtFunctions(deployment)),
      ...lookAtQueues(await failureQueues(deployment), deployment.stage),
    ];
  } catch (cause) {
    const why = cause instanceof Error ? cause.message || cause.name : String(cause);
    const remedy =
      'Sign in to the account, name the region with AWS_REGION, and be allowed to list';
    return [wrong('aws_unreachable', `AWS cannot be asked: ${why}`, remedy)];
  }
}

async function lookAtFunctions({ lambda, stage, services }: Deployment): Promise<Finding[]> {
  const own = await namesOfFunctions(lambda);
  const prefixOf = (service: string) => `millrace-${service}-${stage}-`;
  const missing = services.filter((service) => !own.some((n) => n.startsWith(prefixOf(service))));
  const there = services.filter((service) => !missing.includes(service));
  const names = own.filter((name) => there.some((service) => name.startsWith(prefixOf(service))));
  const findings = missing.map((service) =>
    attention(
      'service_not_deployed',
      `${service} is not deployed to ${stage}`,
      `npx pnpm@10.34.9 exec serverless-compose deploy --stage ${stage}`,
    ),
  );
  if (names.length === 0) return findings;
  const mappings = await mappingsOf(lambda, new Set(names));
  const deployed = good('functions', `${names.length} functions of ${there.join(', ')}`);
  return [deployed, ...findings, ...lookAtMappings(mappings)];
}

async function namesOfFunctions(client: LambdaClient): Promise<string[]> {
  const names: string[] = [];
  for await (const { Functions = [] } of paginateListFunctions({ client }, {})) {
    for (const { FunctionName = '' } of Functions) names.push(FunctionName);
  }
  return names;
}

async function mappingsOf(client: LambdaClient, functions: ReadonlySet<string>) {
  const own: EventSourceMappingConfiguration[] = [];
  for await (const page of paginateListEventSourceMappings({ client }, {})) {
    for (const mapping of page.EventSourceMappings ?? []) {
      if (functions.has(functionOf(mapping))) own.push(mapping);
    }
  }
  return own;
}

function functionOf({ FunctionArn = '' }: EventSourceMappingConfiguration): string {
  return FunctionArn.split(':')[6] ?? '';
}

/** `LastProcessingResult` is `OK`, `No records processed`, or `PROBLEM: …`. */
function lookAtMappings(mappings: readonly EventSourceMappingConfiguration[]): Finding[] {
  const troubled = mappings.flatMap((mapping) => {
    const { State = '', StateTransitionReason: why, LastProcessingResult: last = '' } = mapping;
    const name = `${functionOf(mapping)} ← ${mapping.EventSourceArn?.split(':').slice(5).join(':')}`;
    if (/^PROBLEM/i.test(last)) {
      const remedy = 'Mend the function: its log says more; docs/operations.md';
      return [wrong('mapping_troubled', `${name}: ${last}`, remedy)];
    }
    if (State.startsWith('Disabl')) {
      const remedy =
        'Enable it where it is to work: aws lambda update-event-source-mapping --enabled';
      return [attention('mapping_disabled', `${name} is ${State}: ${why ?? 'no reason'}`, remedy)];
    }
    return [];
  });
  if (troubled.length > 0) return troubled;
  return mappings.length > 0
    ? [good('mappings', `${mappings.length} mappings, none in trouble`)]
    : [];
}

async function failureQueues({ sqs: client, stage }: Deployment): Promise<FailureQueue[]> {
  const queues: FailureQueue[] = [];
  const named = { QueueNamePrefix: `millrace-${stage}-`, MaxResults: 100 };
  for await (const { QueueUrls = [] } of paginateListQueues({ client }, named)) {
    for (const QueueUrl of QueueUrls) {
      const name = QueueUrl.split('/').at(-1) ?? '';
      if (!FAILURES.test(name)) continue;
      const { Attributes = {} } = await client.send(
        new GetQueueAttributesCommand({
          QueueUrl,
          AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
        }),
      );
      const messages = Object.values(Attributes).reduce((sum, count) => sum + Number(count), 0);
      queues.push({ name, messages });
    }
  }
  return queues;
}
