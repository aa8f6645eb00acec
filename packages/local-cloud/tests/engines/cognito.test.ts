import {
  AdminGetUserCommand,
  CognitoIdentityProviderClient,
  CreateUserPoolClientCommand,
  CreateUserPoolCommand,
  DescribeUserPoolClientCommand,
  SignUpCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { expect, it } from 'vitest';
import { startCognito } from '../../src/engines/cognito.ts';
import { clientSettings } from '../edge/cloud-fixture.ts';
import { serve, temporaryState } from './engine-fixture.ts';

it('keeps pools, clients and users over a restart, and prints codes without addresses', async () => {
  const folder = temporaryState();
  const lines: string[] = [];
  const start = async () => {
    const cognito = await startCognito({
      state: folder.state,
      edgeUrl: 'http://127.0.0.1:4566',
      log: (line) => lines.push(line),
    });
    const server = await serve(cognito.handle);
    return { server, client: new CognitoIdentityProviderClient(clientSettings(server.url)) };
  };

  const first = await start();
  const { UserPool } = await first.client.send(
    new CreateUserPoolCommand({
      PoolName: 'people',
      AutoVerifiedAttributes: ['email'],
      UsernameAttributes: ['email'],
      Schema: [{ Name: 'tenant', AttributeDataType: 'String', Mutable: true }],
    }),
  );
  const UserPoolId = UserPool?.Id;
  const { UserPoolClient } = await first.client.send(
    new CreateUserPoolClientCommand({ UserPoolId, ClientName: 'web' }),
  );
  const ClientId = UserPoolClient?.ClientId;
  const Username = 'jane@example.com';
  const UserAttributes = [
    { Name: 'email', Value: Username },
    { Name: 'custom:tenant', Value: 'acme' },
  ];
  await first.client.send(
    new SignUpCommand({ ClientId, Username, Password: 'Correct-horse-1', UserAttributes }),
  );
  expect(lines).toEqual([expect.stringMatching(/^cognito: code \d+ for j\*\*\*@e\*\*\*$/)]);
  first.server.close();

  const second = await start();
  const found = await second.client.send(
    new DescribeUserPoolClientCommand({ UserPoolId, ClientId }),
  );
  expect(found.UserPoolClient?.ClientName).toBe('web');
  const user = await second.client.send(new AdminGetUserCommand({ UserPoolId, Username }));
  expect(user.UserCreateDate).toBeInstanceOf(Date);
  expect(user.UserAttributes).toContainEqual({ Name: 'custom:tenant', Value: 'acme' });
  second.server.close();
  folder.remove();
});
