import {
  CloudFormationClient,
  DescribeStacksCommand,
  ListStacksCommand,
} from '@aws-sdk/client-cloudformation';
import { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { IoTDataPlaneClient } from '@aws-sdk/client-iot-data-plane';
import { KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import {
  GetFunctionConfigurationCommand,
  LambdaClient,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient, GetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { type MetricName, metricPartition } from '@millrace/types';
import { clientOptions, STAGE } from './environment.ts';

export type Account = ReturnType<typeof openAccount>;

/** The deployed stage as a test sees it: clients, and what the stores hold. */
export function openAccount(endpoint: string) {
  const options = clientOptions(endpoint);
  const clients = {
    cloudFormation: new CloudFormationClient(options),
    cognito: new CognitoIdentityProviderClient(options),
    iot: new IoTDataPlaneClient(options),
    kinesis: new KinesisClient(options),
    lambda: new LambdaClient(options),
    s3: new S3Client({ ...options, forcePathStyle: true }),
    sqs: new SQSClient({ ...options, useQueueUrlAsEndpoint: false }),
    table: DynamoDBDocumentClient.from(new DynamoDBClient(options)),
  };
  const { cloudFormation, kinesis, lambda, s3, sqs, table } = clients;
  const name = (resource: string) => `millrace-${STAGE}-${resource}`;
  const functionName = (service: string, key: string) => `millrace-${service}-${STAGE}-${key}`;

  return {
    ...clients,
    endpoint,
    name,
    functionName,

    /** Names of the stacks that are there, sorted. */
    async stacks(): Promise<string[]> {
      const { StackSummaries = [] } = await cloudFormation.send(new ListStacksCommand());
      return StackSummaries.filter((stack) => stack.StackStatus !== 'DELETE_COMPLETE')
        .map((stack) => stack.StackName ?? '')
        .sort();
    },

    async output(service: string, key: string): Promise<string> {
      const StackName = `millrace-${service}-${STAGE}`;
      const { Stacks } = await cloudFormation.send(new DescribeStacksCommand({ StackName }));
      const output = Stacks?.[0]?.Outputs?.find(({ OutputKey }) => OutputKey === key);
      if (output?.OutputValue === undefined) throw new Error(`${StackName} has no output ${key}.`);
      return output.OutputValue;
    },

    async item(resource: string, key: Record<string, string>) {
      const { Item } = await table.send(new GetCommand({ TableName: name(resource), Key: key }));
      return Item;
    },

    /** Events counted for a metric of a tenant, over all minutes and dimensions. */
    async counted(tenant: string, metric: MetricName): Promise<number> {
      const { Items = [] } = await table.send(
        new QueryCommand({
          TableName: name('metrics'),
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: { ':pk': metricPartition(tenant, metric) },
        }),
      );
      return Items.reduce((sum, { count }) => sum + Number(count), 0);
    },

    async objectKeys(bucket: string, prefix = ''): Promise<string[]> {
      const { Contents = [] } = await s3.send(
        new ListObjectsV2Command({ Bucket: name(bucket), Prefix: prefix }),
      );
      return Contents.map(({ Key = '' }) => Key);
    },

    putEvents: (events: readonly { readonly id: string }[]) =>
      kinesis.send(
        new PutRecordsCommand({
          StreamName: name('events'),
          Records: events.map((event) => ({
            Data: Buffer.from(JSON.stringify(event)),
            PartitionKey: event.id,
          })),
        }),
      ),

    /** Bodies of the messages that wait in a service's failures queue; they stay there. */
    async failures(service: string): Promise<unknown[]> {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({
          QueueUrl: `${endpoint}/000000000000/${name(`${service}-failures`)}`,
          MaxNumberOfMessages: 10,
          VisibilityTimeout: 0,
        }),
      );
      return Messages.map(({ Body = '' }) => JSON.parse(Body));
    },

    /** Changes a function's environment for the time of `work`: how a dependency of it is broken. */
    async withEnvironment(
      FunctionName: string,
      changed: Record<string, string>,
      work: () => Promise<void>,
    ): Promise<void> {
      const { Environment } = await lambda.send(
        new GetFunctionConfigurationCommand({ FunctionName }),
      );
      const before = Environment?.Variables ?? {};
      const configure = (Variables: Record<string, string>) =>
        lambda.send(
          new UpdateFunctionConfigurationCommand({ FunctionName, Environment: { Variables } }),
        );
      await configure({ ...before, ...changed });
      try {
        await work();
      } finally {
        await configure(before);
      }
    },

    close() {
      for (const client of Object.values(clients)) client.destroy();
    },
  };
}
