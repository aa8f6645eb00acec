import { delimiter, dirname, join } from 'node:path';

export const ROOT = join(import.meta.dirname, '../..');
/** The repository's programs: `serverless`, `serverless-compose`. */
export const BIN = join(ROOT, 'node_modules/.bin');
/** Of this run alone: compose keeps what it deployed by stage, and every MiniStack begins empty. */
export const STAGE = `rehearsal${process.pid}`;

const region = 'us-east-1';
/** MiniStack takes any; a 12-digit key id would be an account of its own. */
const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };

/** For programs: this Node first, and nothing of a developer's own AWS profile. */
export function programEnvironment(endpoint: string): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('AWS_'));
  return {
    ...Object.fromEntries(own),
    PATH: [dirname(process.execPath), BIN, process.env.PATH ?? ''].join(delimiter),
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  };
}

/** For SDK clients. */
export const clientOptions = (endpoint: string) => ({ endpoint, region, credentials });
