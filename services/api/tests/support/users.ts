import {
  AdminCreateUserCommand,
  AdminSetUserPasswordCommand,
  CognitoIdentityProviderClient,
  InitiateAuthCommand,
  ListUserPoolClientsCommand,
  ListUserPoolsCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import type { TestStack } from '@millrace/local-cloud/testing';

const PASSWORD = 'correct horse Battery 9';

export interface Tokens {
  readonly idToken: string;
  readonly accessToken: string;
}

export interface Users {
  /** Makes a user of the pool and signs in. Without a tenant the user is its own. */
  signIn(email: string, tenant?: string): Promise<Tokens>;
}

/** The users of a stack that runs the API. */
export function usersOf(stack: TestStack): Users {
  const cognito = stack.client(CognitoIdentityProviderClient);
  return {
    async signIn(email, tenant) {
      const { poolId, clientId } = await findPool(cognito);
      await cognito.send(
        new AdminCreateUserCommand({
          UserPoolId: poolId,
          Username: email,
          MessageAction: 'SUPPRESS',
          UserAttributes: [
            { Name: 'email', Value: email },
            ...(tenant ? [{ Name: 'custom:tenant', Value: tenant }] : []),
          ],
        }),
      );
      await cognito.send(
        new AdminSetUserPasswordCommand({
          UserPoolId: poolId,
          Username: email,
          Password: PASSWORD,
          Permanent: true,
        }),
      );
      return authenticate(cognito, clientId, email);
    },
  };
}

async function findPool(cognito: CognitoIdentityProviderClient) {
  const { UserPools = [] } = await cognito.send(new ListUserPoolsCommand({ MaxResults: 60 }));
  const poolId = UserPools.find(({ Name }) => Name === 'millrace-local-users')?.Id;
  const { UserPoolClients = [] } = await cognito.send(
    new ListUserPoolClientsCommand({ UserPoolId: poolId, MaxResults: 60 }),
  );
  const clientId = UserPoolClients[0]?.ClientId;
  if (poolId === undefined || clientId === undefined) throw new Error('There is no user pool.');
  return { poolId, clientId };
}

async function authenticate(
  cognito: CognitoIdentityProviderClient,
  clientId: string,
  email: string,
): Promise<Tokens> {
  const { AuthenticationResult } = await cognito.send(
    new InitiateAuthCommand({
      AuthFlow: 'USER_PASSWORD_AUTH',
      ClientId: clientId,
      AuthParameters: { USERNAME: email, PASSWORD },
    }),
  );
  const { IdToken, AccessToken } = AuthenticationResult ?? {};
  if (!IdToken || !AccessToken) throw new Error('Cognito gave no tokens.');
  return { idToken: IdToken, accessToken: AccessToken };
}
