import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startStack } from '@millrace/local-cloud/stack';
import mqtt from 'mqtt';
import type { Subject } from './subject.ts';

const PROBE_ROOT = join(import.meta.dirname, '..', 'probe');

/**
 * Where the state lies. `memory`: in a file system of the memory, which like MiniStack's state is gone
 * with the machine; nothing waits for a disk then. `disk`: as `npm start` keeps it.
 */
export type StatePlace = 'memory' | 'disk';

const MEMORY_FOLDER = '/dev/shm';

/**
 * Millrace as `npm start` runs it, with the probe as its only service and a state of its own.
 *
 * @throws RangeError where the state is to lie in memory and the system has no folder there
 */
export async function startMillrace(collector: string, place: StatePlace): Promise<Subject> {
  if (place === 'memory' && !existsSync(MEMORY_FOLDER)) {
    throw new RangeError(`There is no ${MEMORY_FOLDER} on this system: use --state disk.`);
  }
  const parent = place === 'memory' ? MEMORY_FOLDER : tmpdir();
  const stateDir = await mkdtemp(join(parent, 'millrace-bench-'));
  const stack = await startStack({
    root: PROBE_ROOT,
    stateDir,
    ports: { edge: 0, mqtt: 0, api: 0 },
    env: {
      ...process.env,
      PROBE_COLLECTOR: collector,
      PROBE_WORK_FOLDER: `millrace-${process.pid}`,
      // What a shard takes per second is AWS's limit, not what the machine can do.
      MILLRACE_SHARD_LIMITS: 'off',
    },
  });
  return {
    name: 'Millrace',
    addresses: {
      endpoint: stack.edgeUrl,
      stage: 'local',
      connectMqtt: () => mqtt.connectAsync(stack.mqttUrl),
    },
    async [Symbol.asyncDispose]() {
      await stack.stop();
      await rm(stateDir, { recursive: true, force: true });
    },
  };
}
