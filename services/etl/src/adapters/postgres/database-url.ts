import { GetParameterCommand, type SSMClient } from '@aws-sdk/client-ssm';
import { ConfigError, TransientError } from '@millrace/middleware';

/** Where the URL of the database is from: one of both. */
export interface DatabaseUrlSource {
  /** The URL itself. */
  readonly url?: string | undefined;
  /** Name of a SecureString in the SSM Parameter Store that holds it. */
  readonly parameter?: string | undefined;
}

/**
 * Tells the URL of the database, with its password: it is in no template and no log. A parameter is
 * fetched once, at the first call that succeeds.
 *
 * @throws ConfigError at once, where there is no source
 */
export function databaseUrl(
  { url, parameter }: DatabaseUrlSource,
  makeClient: () => SSMClient,
): () => Promise<string> {
  if (url) return async () => url;
  if (!parameter) {
    throw new ConfigError(
      'The function does not know its database: set DATABASE_URL, or DATABASE_URL_PARAMETER to the name of a SecureString in the SSM Parameter Store.',
    );
  }
  const client = makeClient();
  let fetched: Promise<string> | undefined;
  return () => {
    fetched ??= fetchParameter(client, parameter).catch((error: unknown) => {
      fetched = undefined;
      throw error;
    });
    return fetched;
  };
}

async function fetchParameter(client: SSMClient, Name: string): Promise<string> {
  try {
    const { Parameter } = await client.send(
      new GetParameterCommand({ Name, WithDecryption: true }),
    );
    if (Parameter?.Value) return Parameter.Value;
  } catch (cause) {
    throw unreadable(Name, cause);
  }
  throw unreadable(Name);
}

function unreadable(name: string, cause?: unknown): TransientError {
  return new TransientError('database_url_unreadable', `The parameter ${name} cannot be read.`, {
    ...(cause !== undefined && { cause }),
  });
}
