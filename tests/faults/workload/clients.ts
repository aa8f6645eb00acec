import {
  AdminCreateUserCommand,
  AdminSetUserPasswordCommand,
  CognitoIdentityProviderClient,
  InitiateAuthCommand,
  ListUserPoolClientsCommand,
  ListUserPoolsCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { IoTDataPlaneClient } from '@aws-sdk/client-iot-data-plane';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Platform } from '../platform/platform.ts';

/** One of each for a platform; every one tries once and tells of each fault. */
export interface Clients {
  readonly dynamo: DynamoDBClient;
  readonly documents: DynamoDBDocumentClient;
  readonly dynamoStreams: DynamoDBStreamsClient;
  readonly kinesis: KinesisClient;
  readonly s3: S3Client;
  readonly sqs: SQSClient;
  readonly iot: IoTDataPlaneClient;
  readonly cognito: CognitoIdentityProviderClient;
  destroy(): void;
}

export function createClients({ target }: Platform): Clients {
  const dynamo = new DynamoDBClient(target);
  const sdk = {
    dynamo,
    dynamoStreams: new DynamoDBStreamsClient(target),
    kinesis: new KinesisClient(target),
    s3: new S3Client(target),
    sqs: new SQSClient(target),
    iot: new IoTDataPlaneClient(target),
    cognito: new CognitoIdentityProviderClient(target),
  };
  return {
    ...sdk,
    documents: DynamoDBDocumentClient.from(dynamo),
    destroy() {
      for (const client of Object.values(sdk)) client.destroy();
    },
  };
}

const PASSWORD = 'correct-Horse-battery-1';

/** A new user of the API's pool in a tenant of its own. Returns the ID token. */
export async function signUp({ cognito }: Clients, tenant: string): Promise<string> {
  const { UserPools = [] } = await cognito.send(new ListUserPoolsCommand({ MaxResults: 10 }));
  const UserPoolId = UserPools.find(({ Name }) => Name === 'millrace-local-users')?.Id;
  const { UserPoolClients = [] } = await cognito.send(
    new ListUserPoolClientsCommand({ UserPoolId, MaxResults: 10 }),
  );
  const Username = `${tenant}@example.com`;
  const UserAttributes = [
    { Name: 'email', Value: Username },
    { Name: 'custom:tenant', Value: tenant },
  ];
  await cognito.send(
    new AdminCreateUserCommand({ UserPoolId, Username, UserAttributes, MessageAction: 'SUPPRESS' }),
  );
  await cognito.send(
    new AdminSetUserPasswordCommand({ UserPoolId, Username, Password: PASSWORD, Permanent: true }),
  );
  const { AuthenticationResult } = await cognito.send(
    new InitiateAuthCommand({
      AuthFlow: 'USER_PASSWORD_AUTH',
      ClientId: UserPoolClients[0]?.ClientId,
      AuthParameters: { USERNAME: Username, PASSWORD: PASSWORD },
    }),
  );
  if (!AuthenticationResult?.IdToken) throw new Error('The user pool gave no token.');
  return AuthenticationResult.IdToken;
}
