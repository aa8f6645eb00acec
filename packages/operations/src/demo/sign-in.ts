import { randomBytes } from 'node:crypto';
import {
  AdminCreateUserCommand,
  AdminSetUserPasswordCommand,
  CognitoIdentityProviderClient,
  InitiateAuthCommand,
  ListUserPoolClientsCommand,
  ListUserPoolsCommand,
  UsernameExistsException,
} from '@aws-sdk/client-cognito-identity-provider';
import { edgeClientOptions, type Targets } from './targets.ts';

/**
 * Makes sure that a user of a tenant exists, and returns an ID token. The user's password is set anew:
 * one user's sign-ins side by side would hinder each other.
 *
 * @param user default: named like the tenant, which is then the run's own
 */
export async function signIn(targets: Targets, tenant: string, user = tenant): Promise<string> {
  const cognito = new CognitoIdentityProviderClient(edgeClientOptions(targets));
  try {
    const { poolId, clientId } = await findPool(cognito, targets.stage);
    const username = `${user}@example.com`;
    // Made anew at each run and kept nowhere.
    const password = `${randomBytes(18).toString('base64url')}aA1!`;
    await ensureUser(cognito, poolId, username, tenant);
    await cognito.send(
      new AdminSetUserPasswordCommand({
        UserPoolId: poolId,
        Username: username,
        Password: password,
        Permanent: true,
      }),
    );
    const { AuthenticationResult } = await cognito.send(
      new InitiateAuthCommand({
        AuthFlow: 'USER_PASSWORD_AUTH',
        ClientId: clientId,
        AuthParameters: { USERNAME: username, PASSWORD: password },
      }),
    );
    if (!AuthenticationResult?.IdToken) throw new Error('The user pool gave no ID token.');
    return AuthenticationResult.IdToken;
  } finally {
    cognito.destroy();
  }
}

async function findPool(cognito: CognitoIdentityProviderClient, stage: string) {
  const { UserPools = [] } = await cognito.send(new ListUserPoolsCommand({ MaxResults: 60 }));
  const poolId = UserPools.find((pool) => pool.Name === `millrace-${stage}-users`)?.Id;
  if (!poolId)
    throw new Error(`There is no user pool millrace-${stage}-users: is the service api running?`);
  const { UserPoolClients = [] } = await cognito.send(
    new ListUserPoolClientsCommand({ UserPoolId: poolId, MaxResults: 60 }),
  );
  const clientId = UserPoolClients[0]?.ClientId;
  if (!clientId)
    throw new Error(`The user pool ${poolId} has no client: is the service api running?`);
  return { poolId, clientId };
}

async function ensureUser(
  cognito: CognitoIdentityProviderClient,
  poolId: string,
  username: string,
  tenant: string,
): Promise<void> {
  try {
    await cognito.send(
      new AdminCreateUserCommand({
        UserPoolId: poolId,
        Username: username,
        MessageAction: 'SUPPRESS',
        UserAttributes: [
          { Name: 'email', Value: username },
          { Name: 'email_verified', Value: 'true' },
          { Name: 'custom:tenant', Value: tenant },
        ],
      }),
    );
  } catch (error) {
    // A resumed run finds its user.
    if (!(error instanceof UsernameExistsException)) throw error;
  }
}
