import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { localCredentials, localRegion } from '../addresses.ts';
import { type Stack, startStack } from './stack.ts';

export interface TestStack {
  readonly edgeUrl: string;
  /** Empty when no service of the stack has an HTTP API. */
  readonly apiUrl: string;
  readonly mqttUrl: string;
  /** What AWS SDK clients need to speak to it. */
  readonly target: {
    readonly endpoint: string;
    readonly region: string;
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  };
  /** Ends every process by SIGKILL and starts again on what was stored; the addresses change. */
  killAndRestart(): Promise<TestStack>;
  /** Ends everything and deletes what was stored. */
  stop(): Promise<void>;
}

/**
 * Some services of this repository for a test: on free ports, with a state folder of their own.
 *
 * @param services folder names under `services/`
 * @throws LocalCloudError as startStack does
 */
export function startTestStack(services: readonly string[]): Promise<TestStack> {
  return start(services, mkdtempSync(join(tmpdir(), 'millrace-test-')));
}

async function start(services: readonly string[], stateDir: string): Promise<TestStack> {
  const stack: Stack = await startStack({
    root: join(import.meta.dirname, '../../../..'),
    services,
    stateDir,
    ports: { edge: 0, mqtt: 0, api: 0 },
  });
  const { edgeUrl, mqttUrl, apiUrl = '' } = stack;
  return {
    ...{ edgeUrl, mqttUrl, apiUrl },
    target: { endpoint: edgeUrl, region: localRegion, credentials: localCredentials },
    killAndRestart() {
      stack.kill();
      return start(services, stateDir);
    },
    async stop() {
      await stack.stop();
      rmSync(stateDir, { recursive: true, force: true });
    },
  };
}
