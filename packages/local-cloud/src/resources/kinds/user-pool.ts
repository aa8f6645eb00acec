import { EngineError } from '../aws-json.ts';
import { arn, generatedName } from '../names.ts';
import type { KindContext, Properties, ResourceKind } from './kind.ts';
import { record, text } from './properties.ts';

const target = 'AWSCognitoIdentityProviderService';

const poolSettings = [
  'AdminCreateUserConfig',
  'AliasAttributes',
  'AutoVerifiedAttributes',
  'MfaConfiguration',
  'Policies',
  'Schema',
  'UsernameAttributes',
  'UsernameConfiguration',
] as const;

export const userPoolKind: ResourceKind = {
  type: 'AWS::Cognito::UserPool',
  supported: ['UserPoolName', ...poolSettings],
  harmless: [
    'AccountRecoverySetting',
    'DeletionProtection',
    'DeviceConfiguration',
    'EmailConfiguration',
    'EmailVerificationMessage',
    'EmailVerificationSubject',
    'EnabledMfas',
    'SmsConfiguration',
    'SmsVerificationMessage',
    'UserAttributeUpdateSettings',
    'UserPoolAddOns',
    'UserPoolTags',
    'UserPoolTier',
    'VerificationMessageTemplate',
  ],
  async provision(properties, context) {
    const name =
      text(properties, 'UserPoolName') ?? generatedName(context.naming, context.logicalId);
    const id = (await existingPool(context)) ?? (await createPool(name, properties, context));
    const { region } = context.naming;
    return {
      ref: id,
      attributes: {
        Arn: arn(context.naming, 'cognito-idp', `userpool/${id}`),
        UserPoolId: id,
        ProviderName: `cognito-idp.${region}.amazonaws.com/${id}`,
        ProviderURL: context.issuerUrl(id),
      },
    };
  },
};

export const userPoolClientKind: ResourceKind = {
  type: 'AWS::Cognito::UserPoolClient',
  supported: [
    'ClientName',
    'UserPoolId',
    'ExplicitAuthFlows',
    'GenerateSecret',
    'AccessTokenValidity',
    'IdTokenValidity',
    'RefreshTokenValidity',
    'TokenValidityUnits',
  ],
  harmless: [
    'AllowedOAuthFlows',
    'AllowedOAuthFlowsUserPoolClient',
    'AllowedOAuthScopes',
    'CallbackURLs',
    'DefaultRedirectURI',
    'EnableTokenRevocation',
    'LogoutURLs',
    'PreventUserExistenceErrors',
    'ReadAttributes',
    'RefreshTokenRotation',
    'SupportedIdentityProviders',
    'WriteAttributes',
  ],
  async provision(properties, context) {
    const pool = text(properties, 'UserPoolId') ?? '';
    const id =
      (await existingClient(pool, context)) ?? (await createClient(pool, properties, context));
    return { ref: id, attributes: { ClientId: id, Name: text(properties, 'ClientName') ?? id } };
  },
};

export const userPoolGroupKind: ResourceKind = {
  type: 'AWS::Cognito::UserPoolGroup',
  supported: ['GroupName', 'UserPoolId', 'Description', 'Precedence'],
  harmless: ['RoleArn'],
  async provision(properties, context) {
    const name = text(properties, 'GroupName') ?? context.logicalId;
    try {
      await context.engines.call(`${target}.CreateGroup`, {
        ...properties,
        GroupName: name,
      });
    } catch (error) {
      const exists = error instanceof EngineError && /GroupExists|UsernameExists/.test(error.type);
      if (!exists) throw error;
    }
    return { ref: name, attributes: {} };
  },
};

/** The engine invents pool and client ids: the one from the last start is looked up by its record. */
async function existingPool(context: KindContext): Promise<string | undefined> {
  const id = context.rememberedId();
  if (id === undefined) return undefined;
  const found = await found404(() =>
    context.engines.call(`${target}.DescribeUserPool`, { UserPoolId: id }),
  );
  return found ? id : undefined;
}

async function existingClient(pool: string, context: KindContext): Promise<string | undefined> {
  const id = context.rememberedId();
  if (id === undefined) return undefined;
  const answer = await found404(() =>
    context.engines.call(`${target}.DescribeUserPoolClient`, { UserPoolId: pool, ClientId: id }),
  );
  return text(record(answer ?? {}, 'UserPoolClient') ?? {}, 'UserPoolId') === pool ? id : undefined;
}

async function createPool(
  name: string,
  properties: Properties,
  context: KindContext,
): Promise<string> {
  const settings: Record<string, unknown> = { PoolName: name };
  for (const setting of poolSettings) {
    if (properties[setting] !== undefined) settings[setting] = properties[setting];
  }
  const answer = await context.engines.call(`${target}.CreateUserPool`, settings);
  return identifier(record(answer, 'UserPool'), 'Id', name);
}

async function createClient(
  pool: string,
  properties: Properties,
  context: KindContext,
): Promise<string> {
  const name = text(properties, 'ClientName') ?? context.logicalId;
  const answer = await context.engines.call(`${target}.CreateUserPoolClient`, {
    ...properties,
    UserPoolId: pool,
    ClientName: name,
  });
  return identifier(record(answer, 'UserPoolClient'), 'ClientId', name);
}

function identifier(answer: Properties | undefined, field: string, name: string): string {
  const id = text(answer ?? {}, field);
  if (id === undefined) throw new Error(`Cognito made ${name} without telling its ${field}`);
  return id;
}

async function found404(
  describe: () => Promise<Record<string, unknown>>,
): Promise<Record<string, unknown> | undefined> {
  try {
    return await describe();
  } catch (error) {
    if (error instanceof EngineError && error.type.includes('ResourceNotFound')) return undefined;
    throw error;
  }
}
