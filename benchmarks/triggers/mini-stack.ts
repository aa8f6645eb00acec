import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import mqtt from 'mqtt';
import { BIN, programEnvironment } from '../../tests/rehearsal/environment.ts';
import { startMiniStack } from '../../tests/rehearsal/mini-stack.ts';
import type { Subject } from './subject.ts';

const PROBE = join(import.meta.dirname, '..', 'probe', 'services', 'probe');
const STAGE = 'bench';
const DEPLOY_MS = 120_000;

/** MiniStack with the same service, deployed by the Serverless Framework as to AWS. */
export async function startDeployedMiniStack(collector: string): Promise<Subject> {
  const miniStack = await startMiniStack();
  try {
    await promisify(execFile)(join(BIN, 'serverless'), ['deploy', '--stage', STAGE], {
      cwd: PROBE,
      timeout: DEPLOY_MS,
      env: {
        ...programEnvironment(miniStack.url),
        PROBE_COLLECTOR: collector,
        PROBE_WORK_FOLDER: `ministack-${process.pid}`,
        SLS_NOTIFICATIONS_MODE: 'off',
      },
    });
  } catch (error) {
    const tail = await miniStack.logTail();
    await miniStack.stop();
    throw new Error(`The probe cannot be deployed. MiniStack:\n${tail}`, { cause: error });
  }
  return {
    name: 'MiniStack',
    addresses: {
      endpoint: miniStack.url,
      stage: STAGE,
      // It offers MQTT over WebSocket (told by the host) and over mutual TLS; this is the lighter.
      connectMqtt: () =>
        mqtt.connectAsync(`${miniStack.url.replace('http:', 'ws:')}/mqtt`, {
          wsOptions: { headers: { host: 'probe-ats.iot.us-east-1.amazonaws.com' } },
        }),
    },
    [Symbol.asyncDispose]: () => miniStack.stop(),
  };
}
