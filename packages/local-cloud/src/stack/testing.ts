import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { localCredentials, localRegion } from '../addresses.ts';
import { type Stack, startStack } from './stack.ts';

export * from './eventually.ts';

/** Some services of this repository for one test file. The addresses are there from `beforeAll` on. */
export interface TestStack {
  readonly edgeUrl: string;
  /** Empty when no service of the stack has an HTTP API. */
  readonly apiUrl: string;
  readonly mqttUrl: string;
  /** Its certificates are of the authority at `<edgeUrl>/_millrace/ca.pem`. */
  readonly mqttsUrl: string;
  readonly postgresUrl: string;
  /**
   * A client of the AWS SDK that speaks to the stack, wherever it is at the time: it may be made
   * before the stack is up and used on after `killAndRestart`. It is destroyed with the stack.
   */
  client<C extends AwsClient>(Client: new (config: AwsTarget) => C): C;
  /** Ends every process by SIGKILL and starts again on what was stored; the addresses change. */
  killAndRestart(): Promise<void>;
}

/** What clients of the AWS SDK have in common. */
export interface AwsClient {
  destroy(): void;
}

export interface AwsTarget {
  readonly endpoint: () => Promise<{ readonly url: URL }>;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/**
 * To be called at the top of a test file: the services start before its tests, on free ports and
 * with a state folder of their own, and everything is ended and deleted after them.
 *
 * @param services folder names under `services/`
 */
export function testStack(...services: string[]): TestStack {
  const clients: AwsClient[] = [];
  let stateDir = '';
  let running: Stack | undefined;
  const stack = () => {
    if (!running) throw new TypeError('The stack runs from beforeAll to afterAll.');
    return running;
  };
  const start = async () => {
    running = await startStack({
      root: join(import.meta.dirname, '../../../..'),
      services,
      stateDir,
      ports: { edge: 0, mqtt: 0, api: 0 },
    });
  };
  beforeAll(async () => {
    stateDir = mkdtempSync(join(tmpdir(), 'millrace-test-'));
    await start();
  });
  afterAll(async () => {
    for (const client of clients) client.destroy();
    await running?.stop();
    if (stateDir) rmSync(stateDir, { recursive: true, force: true });
  });
  return {
    get edgeUrl() {
      return stack().edgeUrl;
    },
    get apiUrl() {
      return stack().apiUrl ?? '';
    },
    get mqttUrl() {
      return stack().mqttUrl;
    },
    get mqttsUrl() {
      return stack().mqttsUrl;
    },
    get postgresUrl() {
      return stack().postgresUrl;
    },
    client(Client) {
      const client = new Client({
        endpoint: async () => ({ url: new URL(stack().edgeUrl) }),
        region: localRegion,
        credentials: localCredentials,
      });
      clients.push(client);
      return client;
    },
    async killAndRestart() {
      stack().kill();
      running = undefined;
      await start();
    },
  };
}
