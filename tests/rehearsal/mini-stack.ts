import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { programEnvironment, ROOT } from './environment.ts';
import { killGroup, spawnGroup } from './process-group.ts';

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
  const log = await open(logFile, 'w');
  const child = spawnGroup(join(ROOT, '.tools/python/bin/ministack'), [], [log.fd, log.fd], {
    cwd: folder,
    env: {
      ...programEnvironment(url),
      BIND_HOST: '127.0.0.1',
      MINISTACK_HOST: '127.0.0.1',
      GATEWAY_PORT: String(port),
      LAMBDA_EXECUTOR: 'local',
      // Its MQTT listener has a port of its own that others may hold; messages are published by HTTP.
      IOT_MTLS_ENABLED: '0',
      STATE_DIR: join(folder, 'state'),
      PERSIST_STATE: '0',
    },
  });
  await log.close();
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

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
