import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const entry = fileURLToPath(new URL('../../src/cloud-main.ts', import.meta.url));

export interface CloudProcess {
  readonly child: ChildProcess;
  readonly edgeUrl: string;
  readonly mqttUrl: string;
  /** Ends it with the signal and resolves with its exit code. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

/** The cloud as a process of its own, ready. Rejects with what it printed when it ends instead. */
export async function startCloudProcess(
  stateDir: string,
  env: Record<string, string> = {},
  stdio: 'pipe' | 'ipc' = 'pipe',
): Promise<CloudProcess> {
  const child = spawnCloudProcess(stateDir, env, stdio);
  const lines: string[] = [];
  const ready = new Promise<string>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue;
      createInterface({ input: stream }).on('line', (line) => {
        lines.push(line);
        if (line.includes('local cloud ready')) resolve(line);
      });
    }
    child.once('close', () => reject(new Error(lines.join('\n'))));
  });
  const line = await ready;
  return {
    child,
    edgeUrl: /http:\/\/[\d.:]+/.exec(line)?.[0] ?? '',
    mqttUrl: /mqtt:\/\/[\d.:]+/.exec(line)?.[0] ?? '',
    async end(signal) {
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
      child.kill(signal);
      const [code] = await once(child, 'exit');
      return code;
    },
  };
}

export function spawnCloudProcess(
  stateDir: string,
  env: Record<string, string> = {},
  stdio: 'pipe' | 'ipc' = 'pipe',
): ChildProcess {
  return spawn(process.execPath, [entry], {
    stdio: stdio === 'ipc' ? ['ignore', 'pipe', 'pipe', 'ipc'] : ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      MILLRACE_EDGE_PORT: '0',
      MILLRACE_MQTT_PORT: '0',
      MILLRACE_STATE_DIR: stateDir,
      ...env,
    },
  });
}

/** What the process prints and its exit code, once it has ended. */
export async function outcome(
  child: ChildProcess,
): Promise<{ readonly code: number | null; readonly output: string }> {
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  const [code] = await once(child, 'close');
  return { code, output };
}
