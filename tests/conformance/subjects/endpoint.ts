import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';
import {
  AddPermissionCommand,
  CreateEventSourceMappingCommand,
  CreateFunctionCommand,
  DeleteEventSourceMappingCommand,
  DeleteFunctionCommand,
  GetFunctionConfigurationCommand,
  ListEventSourceMappingsCommand,
  PutFunctionConcurrencyCommand,
  PutFunctionEventInvokeConfigCommand,
} from '@aws-sdk/client-lambda';
import { PutBucketNotificationConfigurationCommand } from '@aws-sdk/client-s3';
import type { Referee } from '../referee.ts';
import { type Clients, type Credentials, createClients, region } from './clients.ts';
import type { BucketNotification, FunctionSettings, Subject } from './subject.ts';
import { zipOf } from './zip.ts';

const POLL_MS = 200;

/** Any implementation of AWS behind an endpoint, told by AWS's own APIs what there is. */
export function createEndpointSubject(options: {
  readonly name: string;
  readonly version: string;
  readonly endpoint: string;
  readonly referee: Referee;
  readonly accountId?: string;
  readonly credentials?: Credentials;
  readonly mqttUrl?: string;
  /** Ends the implementation if it was started for this run. */
  readonly stop?: () => Promise<void>;
}): Subject {
  const { name, version, endpoint, referee, accountId = '000000000000' } = options;
  const credentials = options.credentials ?? { accessKeyId: 'test', secretAccessKey: 'test' };
  const clients = createClients(endpoint, credentials);
  const place = { region, accountId };
  const schedules = new Map<string, string[]>();

  return {
    ...{ name, version, endpoint, clients, ...place },
    ...(options.mqttUrl !== undefined && { mqttUrl: options.mqttUrl }),
    async deployFunction(settings) {
      await createFunction(clients, settings, referee.url, place);
      await configure(clients, settings);
    },
    async removeFunction(FunctionName) {
      const { lambda } = clients;
      for (const stack of schedules.get(FunctionName) ?? []) await deleteStack(clients, stack);
      const mappings = await lambda.send(new ListEventSourceMappingsCommand({ FunctionName }));
      for (const { UUID } of mappings.EventSourceMappings ?? []) {
        await lambda.send(new DeleteEventSourceMappingCommand({ UUID }));
      }
      await lambda.send(new DeleteFunctionCommand({ FunctionName }));
    },
    async mapEvents(mapping) {
      await clients.lambda.send(new CreateEventSourceMappingCommand(mapping));
    },
    notifyBucket: (notification) => notifyBucket(clients, notification, place),
    async createTopicRule({ name: RuleName, payload: TopicRulePayload }) {
      const Properties = { RuleName, TopicRulePayload };
      const stack = `rule-${RuleName.replaceAll('_', '-')}`;
      await createStack(clients, stack, { Rule: { Type: 'AWS::IoT::TopicRule', Properties } });
      return () => deleteStack(clients, stack);
    },
    async schedule({ name: Name, functionName, expression, input }) {
      const Arn = functionArn(functionName, place);
      const target = { Id: 'function', Arn, ...(input !== undefined && { Input: asJson(input) }) };
      const Properties = { Name, ScheduleExpression: expression, Targets: [target] };
      await createStack(clients, Name, { Rule: { Type: 'AWS::Events::Rule', Properties } });
      schedules.set(functionName, [...(schedules.get(functionName) ?? []), Name]);
    },
    async stop() {
      clients.destroy();
      await options.stop?.();
    },
  };
}

type Place = { readonly region: string; readonly accountId: string };

const asJson = (input: unknown) => JSON.stringify(input);

export const functionArn = (name: string, place: Place) =>
  `arn:aws:lambda:${place.region}:${place.accountId}:function:${name}`;

async function createFunction(
  { lambda }: Clients,
  settings: FunctionSettings,
  refereeUrl: string,
  place: Place,
): Promise<void> {
  const code = await readFile(new URL('./forwarder.py', import.meta.url));
  const FunctionName = settings.name;
  await lambda.send(
    new CreateFunctionCommand({
      FunctionName,
      Runtime: 'python3.12',
      Role: `arn:aws:iam::${place.accountId}:role/conformance`,
      Handler: 'index.handler',
      Timeout: settings.timeoutSeconds ?? 10,
      Code: { ZipFile: zipOf('index.py', code) },
      Environment: { Variables: { REFEREE_URL: refereeUrl, REFEREE_NAME: FunctionName } },
    }),
  );
  for (const deadline = Date.now() + 30_000; Date.now() < deadline; await sleep(POLL_MS)) {
    const { State } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
    if (State !== 'Pending') return;
  }
  throw new Error(`The function ${FunctionName} is pending for half a minute.`);
}

async function configure({ lambda }: Clients, settings: FunctionSettings): Promise<void> {
  const FunctionName = settings.name;
  const { reservedConcurrency, maximumRetryAttempts, maximumEventAgeSeconds } = settings;
  if (reservedConcurrency !== undefined) {
    await lambda.send(
      new PutFunctionConcurrencyCommand({
        FunctionName,
        ReservedConcurrentExecutions: reservedConcurrency,
      }),
    );
  }
  const destination = (arn: string | undefined) => (arn === undefined ? {} : { Destination: arn });
  const { onFailureArn, onSuccessArn } = settings;
  const asynchronous = [maximumRetryAttempts, maximumEventAgeSeconds, onFailureArn, onSuccessArn];
  if (asynchronous.every((value) => value === undefined)) return;
  await lambda.send(
    new PutFunctionEventInvokeConfigCommand({
      FunctionName,
      MaximumRetryAttempts: maximumRetryAttempts,
      MaximumEventAgeInSeconds: maximumEventAgeSeconds,
      DestinationConfig: {
        OnFailure: destination(onFailureArn),
        OnSuccess: destination(onSuccessArn),
      },
    }),
  );
}

async function notifyBucket(
  { lambda, s3 }: Clients,
  { bucket, functionName, event, prefix, suffix }: BucketNotification,
  place: Place,
): Promise<void> {
  await lambda.send(
    new AddPermissionCommand({
      FunctionName: functionName,
      StatementId: 'bucket',
      Action: 'lambda:InvokeFunction',
      Principal: 's3.amazonaws.com',
      SourceArn: `arn:aws:s3:::${bucket}`,
    }),
  );
  const FilterRules = [
    ...(prefix ? [{ Name: 'prefix' as const, Value: prefix }] : []),
    ...(suffix ? [{ Name: 'suffix' as const, Value: suffix }] : []),
  ];
  await s3.send(
    new PutBucketNotificationConfigurationCommand({
      Bucket: bucket,
      NotificationConfiguration: {
        LambdaFunctionConfigurations: [
          {
            LambdaFunctionArn: functionArn(functionName, place),
            Events: [event as 's3:ObjectCreated:*'],
            ...(FilterRules.length > 0 && { Filter: { Key: { FilterRules } } }),
          },
        ],
      },
    }),
  );
}

async function createStack(
  { cloudFormation }: Clients,
  StackName: string,
  Resources: Record<string, unknown>,
): Promise<void> {
  const TemplateBody = JSON.stringify({ Resources });
  await cloudFormation.send(new CreateStackCommand({ StackName, TemplateBody }));
  for (const deadline = Date.now() + 30_000; Date.now() < deadline; await sleep(POLL_MS)) {
    const { Stacks } = await cloudFormation.send(new DescribeStacksCommand({ StackName }));
    const { StackStatus = '', StackStatusReason } = Stacks?.[0] ?? {};
    if (StackStatus === 'CREATE_COMPLETE') return;
    if (!StackStatus.endsWith('IN_PROGRESS')) throw new Error(StackStatusReason ?? StackStatus);
  }
  throw new Error(`The stack ${StackName} is not complete after half a minute.`);
}

async function deleteStack({ cloudFormation }: Clients, StackName: string): Promise<void> {
  await cloudFormation.send(new DeleteStackCommand({ StackName }));
}
