import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { localAccountId, localCredentials } from '@millrace/local-cloud/addresses';
import { programEnvironment, ROOT } from '../../rehearsal/environment.ts';
import { killGroup, spawnGroup } from '../../rehearsal/process-group.ts';
import type { Referee } from '../referee.ts';
import { createClients, region } from './clients.ts';
import { createDeclarations } from './millrace-declarations.ts';
import type { Subject } from './subject.ts';

/** Millrace's local cloud as a process of its own, on free ports and with an empty state. */
export async function startMillrace(referee: Referee): Promise<Subject> {
  const stateDir = await mkdtemp(join(tmpdir(), 'millrace-conformance-'));
  let running = await startProcess(stateDir, { edge: 0, mqtt: 0 });
  const { edgeUrl: endpoint, mqttUrl } = running;
  const clients = createClients(endpoint, localCredentials);
  const declarations = createDeclarations(endpoint, referee.functionsUrl);

  return {
    name: 'Millrace',
    version: await ownVersion(),
    endpoint,
    mqttUrl,
    accountId: localAccountId,
    region,
    clients,
    ...declarations,
    clock: {
      async advance(ms) {
        const answer = await fetch(`${endpoint}/_millrace/clock`, {
          method: 'POST',
          body: JSON.stringify({ advanceMs: ms }),
        });
        if (!answer.ok) throw new Error(`The clock cannot be moved: ${await answer.text()}`);
      },
    },
    async repeatDeliveries(functionName) {
      const plan = { seed: 1, notifications: [{ function: functionName, duplicate: 1 }] };
      const url = `${endpoint}/_millrace/faults`;
      const answer = await fetch(url, { method: 'PUT', body: JSON.stringify(plan) });
      if (!answer.ok) throw new Error(`The fault plan is refused: ${await answer.text()}`);
      return async () => void (await fetch(url, { method: 'DELETE' }));
    },
    async crash() {
      await running.kill();
      running = await startProcess(stateDir, portsOf(endpoint, mqttUrl));
      await declarations.tellEndpoints();
    },
    async stop() {
      clients.destroy();
      await running.kill();
      await rm(stateDir, { recursive: true, force: true });
    },
  };
}

interface CloudProcess {
  readonly edgeUrl: string;
  readonly mqttUrl: string;
  /** As `kill -9` does. */
  kill(): Promise<void>;
}

async function startProcess(
  stateDir: string,
  ports: { readonly edge: number; readonly mqtt: number },
): Promise<CloudProcess> {
  const program = join(ROOT, 'packages/local-cloud/src/cloud-main.ts');
  const child = spawnGroup(process.execPath, [program], ['pipe', 'pipe'], {
    cwd: stateDir,
    env: {
      ...programEnvironment(''),
      MILLRACE_EDGE_PORT: String(ports.edge),
      MILLRACE_MQTT_PORT: String(ports.mqtt),
      MILLRACE_STATE_DIR: stateDir,
    },
  });
  const lines: string[] = [];
  const ready = new Promise<string>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue;
      createInterface({ input: stream }).on('line', (line) => {
        if (lines.length < 20) lines.push(line);
        if (line.includes('local cloud ready')) resolve(line);
      });
    }
    void once(child, 'exit').then(() => reject(new Error(`Millrace ended: ${lines.join('\n')}`)));
  });
  const line = await ready;
  return {
    edgeUrl: /http:\/\/[\d.:]+/.exec(line)?.[0] ?? '',
    mqttUrl: /mqtt:\/\/[\d.:]+/.exec(line)?.[0] ?? '',
    kill: () => killGroup(child),
  };
}

const portsOf = (edgeUrl: string, mqttUrl: string) => ({
  edge: Number(new URL(edgeUrl).port),
  mqtt: Number(new URL(mqttUrl).port),
});

async function ownVersion(): Promise<string> {
  const manifest = await readFile(join(ROOT, 'packages/local-cloud/package.json'), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
