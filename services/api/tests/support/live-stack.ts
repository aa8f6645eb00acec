import {
  AdminCreateUserCommand,
  AdminSetUserPasswordCommand,
  CognitoIdentityProviderClient,
  InitiateAuthCommand,
  ListUserPoolClientsCommand,
  ListUserPoolsCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { startTestStack, type TestStack } from '@millrace/local-cloud/testing';

const PASSWORD = 'correct horse Battery 9';

export interface Tokens {
  readonly idToken: string;
  readonly accessToken: string;
}

export interface LiveStack {
  readonly edgeUrl: string;
  readonly apiUrl: string;
  readonly cognito: CognitoIdentityProviderClient;
  readonly clientId: string;
  /** What SDK clients need to speak to it. */
  readonly target: TestStack['target'];
  /** Makes a user of the pool and signs in. Without a tenant the user is its own. */
  signIn(email: string, tenant?: string): Promise<Tokens>;
  stop(): Promise<void>;
}

/** The API and the services whose resources it uses, on free ports with a state of their own. */
export async function startLiveStack(services: readonly string[]): Promise<LiveStack> {
  const stack = await startTestStack(services);
  const { target } = stack;
  const cognito = new CognitoIdentityProviderClient(target);
  const { poolId, clientId } = await findPool(cognito);
  return {
    edgeUrl: stack.edgeUrl,
    apiUrl: stack.apiUrl,
    cognito,
    clientId,
    target,
    async signIn(email, tenant) {
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
    async stop() {
      cognito.destroy();
      await stack.stop();
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
