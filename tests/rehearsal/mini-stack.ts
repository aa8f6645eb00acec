import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export const ROOT = join(import.meta.dirname, '../..');

export interface MiniStack {
  /** `http://127.0.0.1:<port>`: every AWS service. */
  readonly url: string;
  /** The last lines of its log, for a failure's message. */
  logTail(): Promise<string>;
  stop(): Promise<void>;
}

/** Starts MiniStack on a free port with an empty state; its functions run as Node processes beside it. */
export async function startMiniStack(): Promise<MiniStack> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-ministack-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const logFile = join(folder, 'log');
  const log = createWriteStream(logFile);
  await once(log, 'open');
  const child = spawn(join(ROOT, '.tools/python/bin/ministack'), [], {
    cwd: folder,
    // A group of its own: the processes of its functions end with it.
    detached: true,
    stdio: ['ignore', log, log],
    env: {
      ...process.env,
      BIND_HOST: '127.0.0.1',
      MINISTACK_HOST: '127.0.0.1',
      GATEWAY_PORT: String(port),
      AWS_ENDPOINT_URL: url,
      LAMBDA_EXECUTOR: 'local',
      STATE_DIR: join(folder, 'state'),
      PERSIST_STATE: '0',
    },
  });
  const logTail = async () => (await readFile(logFile, 'utf8')).split('\n').slice(-30).join('\n');
  try {
    await healthy(url, child);
  } catch (error) {
    await killGroup(child);
    throw new Error(`MiniStack did not start:\n${await logTail()}`, { cause: error });
  }
  return {
    url,
    logTail,
    async stop() {
      await killGroup(child);
      log.destroy();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function healthy(url: string, child: ChildProcess): Promise<void> {
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; await sleep(200)) {
    if (child.exitCode !== null) throw new Error(`It ended with code ${child.exitCode}.`);
    const answer = await fetch(`${url}/_ministack/health`).catch(() => undefined);
    if (answer?.ok) return;
  }
  throw new Error('It gave no sign of life for a minute.');
}

export async function killGroup(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  process.kill(-child.pid, 'SIGKILL');
  await ended;
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
