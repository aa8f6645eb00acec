import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import type { ServiceRegistration } from '../../../packages/local-cloud/src/ports.ts';

/** What a service tells its cloud, and the file and export of each of its functions. */
export interface RecordedService {
  /** The folder under `services/`. */
  readonly folder: string;
  readonly registration: ServiceRegistration;
  /** By function key: `src/handlers/x.handler`. */
  readonly handlers: Readonly<Record<string, string>>;
}

export const repositoryRoot = join(import.meta.dirname, '../../..');

const START_LIMIT_MS = 300_000;
const HEALTH = { name: 'millrace', pid: process.pid, stateDir: '/', ports: { postgres: 0 } };

/**
 * Runs `sls offline` in each service's folder against a listener that only writes down what the
 * plugin registers, and ends it then: the registration is what a real start makes of the real
 * serverless.yml, without waiting for bundles and servers.
 */
export async function recordRegistrations(folders: readonly string[]): Promise<RecordedService[]> {
  const recorder = await startRecorder();
  const children: ChildProcess[] = [];
  try {
    return await Promise.all(
      folders.map(async (folder) => {
        const child = startService(folder, recorder.port, await freePort());
        children.push(child);
        const registration = await Promise.race([
          recorder.registered(`millrace-${folder}`),
          endOf(child).then((said) => Promise.reject(new Error(`${folder} ended: ${said}`))),
        ]);
        return {
          folder,
          registration: withoutOwnProofs(registration),
          handlers: handlersOf(folder),
        };
      }),
    );
  } finally {
    for (const child of children) child.kill('SIGKILL');
    await recorder.close();
  }
}

/**
 * Left out is what has a proof of its own and would cost every run too much: the sink into PostgreSQL
 * (services/etl/tests/sql), each time one of half a gigabyte, and the job that commits the lake's tables
 * (packages/lake/tests/table), due at every minute that is skipped. The audit reads what was loaded.
 */
function withoutOwnProofs(registration: ServiceRegistration): ServiceRegistration {
  const functions = registration.functions.filter(
    ({ name, environment }) =>
      !('DATABASE_URL_PARAMETER' in environment) && !name.endsWith('-compactLake'),
  );
  return { ...registration, functions };
}

async function startRecorder() {
  const waiting = new Map<string, PromiseWithResolvers<ServiceRegistration>>();
  const slot = (service: string) => {
    const known = waiting.get(service) ?? Promise.withResolvers<ServiceRegistration>();
    waiting.set(service, known);
    return known;
  };
  const server = createServer(async (request, response) => {
    const [, service] = /^\/_millrace\/services\/([^/]+)$/.exec(request.url ?? '') ?? [];
    // A registration is never answered: nothing must go on in that process.
    if (service) slot(service).resolve(JSON.parse(await textOf(request)));
    else response.end(JSON.stringify(HEALTH));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    async registered(service: string): Promise<ServiceRegistration> {
      const late = AbortSignal.timeout(START_LIMIT_MS);
      return Promise.race([
        slot(service).promise,
        new Promise<never>((_, reject) => {
          late.addEventListener('abort', () => reject(new Error(`${service} did not register.`)));
        }),
      ]);
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Resolves with the last that it said when it has ended by itself. */
function endOf(child: ChildProcess): Promise<string> {
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-2_000);
    });
  }
  return new Promise((resolve) => child.once('exit', () => resolve(said)));
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function startService(folder: string, edgePort: number, apiPort: number): ChildProcess {
  const cwd = join(repositoryRoot, 'services', folder);
  const manifest = createRequire(join(cwd, 'package.json')).resolve('serverless/package.json');
  // By itself, not by its shell script: what is killed must be the program.
  const program = join(dirname(manifest), 'bin/serverless.js');
  return spawn(process.execPath, [program, 'offline', '--stage', 'local'], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      MILLRACE_EDGE_PORT: String(edgePort),
      MILLRACE_API_PORT: String(apiPort),
      SLS_NOTIFICATIONS_MODE: 'off',
    },
  });
}

function handlersOf(folder: string): Record<string, string> {
  const text = readFileSync(join(repositoryRoot, 'services', folder, 'serverless.yml'), 'utf8');
  const { functions } = parse(text, { merge: true, logLevel: 'silent' }) as {
    functions: Record<string, { handler: string }>;
  };
  return Object.fromEntries(Object.entries(functions).map(([key, { handler }]) => [key, handler]));
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
