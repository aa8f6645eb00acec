import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { portsToEnvironment } from '@millrace/local-cloud/addresses';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ROOT } from './live-stack.ts';

/** When everything is killed: milliseconds after a line of progress, from sending to the last rows. */
const MOMENTS = [
  { after: 'Sending files', ms: 60 },
  { after: 'Sending files', ms: 900 },
  { after: 'waiting for the metrics', ms: 0 },
  { after: 'waiting for the metrics', ms: 500 },
];

interface Run {
  readonly child: ChildProcess;
  output(): string;
  until(pattern: RegExp, timeoutMs?: number): Promise<void>;
}

describe('npm start, killed with -9 in the middle of the demo and started again', () => {
  let stateDir: string;
  let ports: Record<'edge' | 'mqtt' | 'api', number>;
  let running: Run | undefined;

  beforeEach(async () => {
    stateDir = await mkdtemp(join(tmpdir(), 'millrace-kill-'));
    ports = { edge: await freePort(), mqtt: await freePort(), api: await freePort() };
  });
  afterEach(async () => {
    if (running) await killGroup(running.child);
    running = undefined;
    await rm(stateDir, { recursive: true, force: true });
  });

  const start = (): Run => {
    // A group of its own, so that the kill reaches all of it and nothing else.
    const child = spawn(process.execPath, [join(ROOT, 'scripts/start.ts')], {
      cwd: ROOT,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...portsToEnvironment(ports), MILLRACE_STATE_DIR: stateDir },
    });
    let text = '';
    child.stdout?.on('data', (chunk) => {
      text += chunk;
    });
    child.stderr?.on('data', (chunk) => {
      text += chunk;
    });
    return {
      child,
      output: () => text,
      async until(pattern, timeoutMs = 180_000) {
        for (const deadline = Date.now() + timeoutMs; !pattern.test(text); await sleep(10)) {
          const broken = child.exitCode !== null || /^millrace: /m.test(text);
          if (Date.now() > deadline || broken) throw new Error(`No ${pattern} in:\n${text}`);
        }
      },
    };
  };

  it.each(MOMENTS)(
    'loses and doubles nothing when killed $ms ms after "$after"',
    async ({ after, ms }) => {
      running = start();
      await running.until(new RegExp(after));
      await sleep(ms);
      await killGroup(running.child);
      const interrupted = !/exactly right/.test(running.output());
      expect(await portsTaken(ports), 'ports still taken by survivors').toEqual([]);

      running = start();
      await running.until(/results? (is|are) (exactly right|wrong)/);
      // On a fast machine the last moment may come after the end: the next start is then a new run.
      if (interrupted) expect(running.output()).toMatch(/Going on with run/);
      expect(running.output()).toMatch(/All \d+ results are exactly right/);

      running.child.kill('SIGINT');
      const [code] = await once(running.child, 'exit');
      expect(code).toBe(0);
      expect(await portsTaken(ports), 'ports still taken after Ctrl-C').toEqual([]);
    },
  );
});

async function killGroup(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  process.kill(-child.pid, 'SIGKILL');
  await ended;
}

/** Ports that still answer two seconds after: children of the killed must end by themselves. */
async function portsTaken(ports: Record<string, number>): Promise<string[]> {
  const deadline = Date.now() + 2_000;
  for (;;) {
    const taken: string[] = [];
    for (const [name, port] of Object.entries(ports)) if (await answers(port)) taken.push(name);
    if (taken.length === 0 || Date.now() > deadline) return taken;
    await sleep(50);
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
