import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Stack, startStack } from '@millrace/local-cloud/stack';
import type { Targets } from '@millrace/operations';

export const ROOT = join(import.meta.dirname, '../..');

export interface LiveStack extends AsyncDisposable {
  readonly stack: Stack;
  readonly targets: Targets;
}

/** All five services on free ports, with a state folder of their own. */
export async function startLiveStack(): Promise<LiveStack> {
  const stateDir = await mkdtemp(join(tmpdir(), 'millrace-journey-'));
  const stack = await startStack({ root: ROOT, stateDir, ports: { edge: 0, mqtt: 0, api: 0 } });
  if (stack.apiUrl === undefined) throw new Error('The stack has no HTTP API.');
  return {
    stack,
    targets: {
      apiUrl: stack.apiUrl,
      edgeUrl: stack.edgeUrl,
      mqttUrl: stack.mqttUrl,
      stage: 'local',
    },
    async [Symbol.asyncDispose]() {
      await stack.stop();
      await rm(stateDir, { recursive: true, force: true });
    },
  };
}
