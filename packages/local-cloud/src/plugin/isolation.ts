import { devNull } from 'node:os';
import { localCredentials, localRegion } from '../addresses.ts';

/**
 * The AWS settings of this process and of every function in it. serverless-offline copies all `AWS_*`
 * variables of the process into each function, so whatever the developer has there (a profile, keys,
 * a session of a real account) is removed first: a local run must never reach a real account.
 */
export function isolateFromAws(env: NodeJS.ProcessEnv, edgeUrl: string): Record<string, string> {
  for (const name of Object.keys(env)) {
    if (name.startsWith('AWS_')) delete env[name];
  }
  const settings = {
    AWS_ENDPOINT_URL: edgeUrl,
    AWS_REGION: localRegion,
    AWS_ACCESS_KEY_ID: localCredentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: localCredentials.secretAccessKey,
    // A profile in the developer's files may set credentials and endpoints too.
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    AWS_EC2_METADATA_DISABLED: 'true',
  };
  Object.assign(env, settings, { AWS_DEFAULT_REGION: localRegion });
  return settings;
}
