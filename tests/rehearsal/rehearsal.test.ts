import { setTimeout as sleep } from 'node:timers/promises';
import { CloudFormationClient, ListStacksCommand } from '@aws-sdk/client-cloudformation';
import {
  AdminCreateUserCommand,
  AdminSetUserPasswordCommand,
  CognitoIdentityProviderClient,
  InitiateAuthCommand,
  ListUserPoolClientsCommand,
  ListUserPoolsCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { IoTDataPlaneClient, PublishCommand } from '@aws-sdk/client-iot-data-plane';
import { KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import {
  GetFunctionConfigurationCommand,
  LambdaClient,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
} from '@aws-sdk/lib-dynamodb';
import { type MetricName, metricPartition } from '@millrace/types';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clientOptions, compose, forgetStage, STAGE } from './compose.ts';
import { DEVIATIONS } from './deviations.ts';
import { type MiniStack, startMiniStack } from './mini-stack.ts';
import { startTemplateFront } from './template-front.ts';

const name = (resource: string) => `millrace-${STAGE}-${resource}`;
/** A `millrace.order.v1` event as a record of the stream. */
function orderRecord(id: string) {
  const event = {
    specversion: '1.0',
    id,
    source: 'rehearsal',
    type: 'millrace.order.v1',
    time: '2026-11-23T09:00:00Z',
    tenant: 'deploy',
    data: {
      orderId: id,
      customerId: 'c',
      status: 'placed',
      currency: 'KRW',
      lines: [{ sku: 's', quantity: 2, unitPrice: 500 }],
    },
  };
  return { Data: Buffer.from(JSON.stringify(event)), PartitionKey: `deploy/${id}` };
}

const SOON = { timeout: 90_000, interval: 500 };
/** An upload's key names a file where its second part is a UUID, as the API makes it. */
const FILE_ID = '0199a0c4-5b1e-7d3a-9c41-0d2f6a7b8c9d';
const SERVICES = ['api', 'etl', 'file-processing', 'iot-ingest', 'stream-analytics'];

describe('all services, deployed by compose into MiniStack', () => {
  let miniStack: MiniStack;
  let s3: S3Client;
  let kinesis: KinesisClient;
  let lambda: LambdaClient;
  let table: DynamoDBDocumentClient;
  let iot: IoTDataPlaneClient;
  let cloudFormation: CloudFormationClient;
  let cognito: CognitoIdentityProviderClient;

  beforeAll(async () => {
    miniStack = await startMiniStack();
    const options = clientOptions(miniStack.url);
    s3 = new S3Client({ ...options, forcePathStyle: true });
    kinesis = new KinesisClient(options);
    lambda = new LambdaClient(options);
    table = DynamoDBDocumentClient.from(new DynamoDBClient(options));
    iot = new IoTDataPlaneClient(options);
    cloudFormation = new CloudFormationClient(options);
    cognito = new CognitoIdentityProviderClient(options);
    const front = await startTemplateFront(miniStack.url);
    try {
      await compose('deploy', front.url, 400_000);
    } finally {
      await front.close();
    }
  });
  afterAll(async () => {
    await miniStack?.stop();
    await forgetStage();
  });

  const stacks = async () => {
    const { StackSummaries = [] } = await cloudFormation.send(new ListStacksCommand());
    return StackSummaries.filter((stack) => stack.StackStatus !== 'DELETE_COMPLETE')
      .map((stack) => stack.StackName)
      .sort();
  };

  const metric = async (tenant: string, metricName: MetricName) => {
    const { Items = [] } = await table.send(
      new QueryCommand({
        TableName: name('metrics'),
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': metricPartition(tenant, metricName) },
      }),
    );
    return Items.reduce((sum, item) => sum + Number(item.count), 0);
  };

  const keys = async (bucket: string, prefix: string) => {
    const { Contents = [] } = await s3.send(
      new ListObjectsV2Command({ Bucket: name(bucket), Prefix: prefix }),
    );
    return Contents.map((object) => object.Key ?? '');
  };

  it('makes one stack per service', async () => {
    expect(await stacks()).toEqual(SERVICES.map((service) => `millrace-${service}-${STAGE}`));
  });

  it('S3: an upload fires file-processing', async () => {
    const picture = await sharp({
      create: { width: 1600, height: 900, channels: 3, background: '#58a' },
    })
      .jpeg()
      .toBuffer();
    await s3.send(
      new PutObjectCommand({
        Bucket: name('uploads'),
        Key: `deploy/${FILE_ID}/picture.jpg`,
        Body: picture,
        ContentType: 'image/jpeg',
      }),
    );
    const file = () =>
      table.send(
        new GetCommand({ TableName: name('files'), Key: { tenant: 'deploy', fileId: FILE_ID } }),
      );
    await expect.poll(async () => (await file()).Item?.status, SOON).toBe('ready');
    expect(await keys('media', `deploy/${FILE_ID}/`)).toHaveLength(3);
  });

  it('Kinesis: events fire stream-analytics, a duplicate counts once', async () => {
    await kinesis.send(
      new PutRecordsCommand({
        StreamName: name('events'),
        Records: ['o-1', 'o-2', 'o-2'].map(orderRecord),
      }),
    );
    await expect.poll(() => metric('deploy', 'order'), SOON).toBe(2);
    const order = () =>
      table.send(
        new GetCommand({ TableName: name('orders'), Key: { tenant: 'deploy', orderId: 'o-2' } }),
      );
    await expect.poll(async () => (await order()).Item?.total, SOON).toBe(1000);
  });

  it('DynamoDB Streams: a changed order fires etl', async () => {
    await expect.poll(() => keys('lake', 'changes/table=orders/'), SOON).not.toEqual([]);
  });

  it('IoT rule: a message on a device topic fires iot-ingest', async () => {
    const now = '2026-11-23T09:00:00Z';
    await table.send(
      new PutCommand({
        TableName: name('devices'),
        Item: {
          deviceId: 'wheel-1',
          tenant: 'deploy',
          status: 'active',
          createdAt: now,
          updatedAt: now,
        },
      }),
    );
    await iot.send(
      new PublishCommand({
        topic: 'devices/wheel-1/telemetry',
        qos: 1,
        payload: Buffer.from(JSON.stringify({ time: now, metrics: { rpm: 8 } })),
      }),
    );
    await expect.poll(() => metric('deploy', 'telemetry'), SOON).toBe(1);
  });

  it('HTTP API: a signed-in user is let in, others are not', async () => {
    const api = await apiUrl();
    expect((await fetch(`${api}/v1/health`)).status).toBe(200);
    expect((await fetch(`${api}/v1/orders/o-1`)).status).toBe(401);
    const authorization = `Bearer ${await idToken('deploy')}`;
    const known = await fetch(`${api}/v1/orders/o-1`, { headers: { authorization } });
    expect(known.status, await known.text()).toBe(200);
    expect((await fetch(`${api}/v1/orders/none`, { headers: { authorization } })).status).toBe(404);
  });

  it(`MiniStack deviates: ${DEVIATIONS.partialBatch.rule}`, async () => {
    const order = () =>
      table.send(
        new GetCommand({ TableName: name('orders'), Key: { tenant: 'deploy', orderId: 'o-3' } }),
      );
    await withOrdersTable('not-there', async () => {
      await kinesis.send(
        new PutRecordsCommand({ StreamName: name('events'), Records: [orderRecord('o-3')] }),
      );
      // countEvents reads the same stream: when it has counted, the broken projection has had its turn.
      await expect.poll(() => metric('deploy', 'order'), SOON).toBe(3);
      await sleep(3_000);
    });
    // AWS would deliver the record again, and the order would appear now.
    await sleep(10_000);
    expect((await order()).Item, 'MiniStack retries now: shorten deviations.ts').toBeUndefined();
  });

  it('takes every stack down again', async () => {
    await compose('remove', miniStack.url, 200_000);
    expect(await stacks()).toEqual([]);
  });

  /** Lets projectOrders write into another table for a while: every record fails there. */
  async function withOrdersTable(tableName: string, work: () => Promise<void>): Promise<void> {
    const FunctionName = `millrace-stream-analytics-${STAGE}-projectOrders`;
    const { Environment } = await lambda.send(
      new GetFunctionConfigurationCommand({ FunctionName }),
    );
    const Variables = Environment?.Variables ?? {};
    const configure = (variables: Record<string, string>) =>
      lambda.send(
        new UpdateFunctionConfigurationCommand({
          FunctionName,
          Environment: { Variables: variables },
        }),
      );
    await configure({ ...Variables, ORDERS_TABLE: tableName });
    try {
      await work();
    } finally {
      await configure(Variables);
    }
  }

  /** As MiniStack serves it; AWS's own host names need a resolver. */
  async function apiUrl(): Promise<string> {
    const answer = await fetch(`${miniStack.url}/v2/apis`, {
      headers: {
        authorization:
          'AWS4-HMAC-SHA256 Credential=test/20261123/us-east-1/apigateway/aws4_request',
      },
    });
    const { items } = (await answer.json()) as { items: { apiId: string; name: string }[] };
    const api = items.find((item) => item.name.includes('millrace-api'));
    return `${miniStack.url}/_aws/execute-api/${api?.apiId}/$default`;
  }

  async function idToken(tenant: string): Promise<string> {
    const { UserPools = [] } = await cognito.send(new ListUserPoolsCommand({ MaxResults: 10 }));
    const UserPoolId = UserPools.find((pool) => pool.Name === name('users'))?.Id;
    const { UserPoolClients = [] } = await cognito.send(
      new ListUserPoolClientsCommand({ UserPoolId, MaxResults: 10 }),
    );
    const user = { UserPoolId, Username: 'deploy@example.com' };
    const password = 'Water-wheel-1';
    await cognito.send(
      new AdminCreateUserCommand({
        ...user,
        MessageAction: 'SUPPRESS',
        UserAttributes: [
          { Name: 'email', Value: user.Username },
          { Name: 'custom:tenant', Value: tenant },
        ],
      }),
    );
    await cognito.send(
      new AdminSetUserPasswordCommand({ ...user, Password: password, Permanent: true }),
    );
    const { AuthenticationResult } = await cognito.send(
      new InitiateAuthCommand({
        AuthFlow: 'USER_PASSWORD_AUTH',
        ClientId: UserPoolClients[0]?.ClientId,
        AuthParameters: { USERNAME: user.Username, PASSWORD: password },
      }),
    );
    return AuthenticationResult?.IdToken ?? '';
  }
});
