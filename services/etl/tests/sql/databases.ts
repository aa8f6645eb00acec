import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { postgresUrl } from '@millrace/local-cloud/addresses';
import { createPostgres } from '@millrace/local-cloud/postgres';
import { Client } from 'pg';

/** A PostgreSQL with nothing in it that can be stopped in the middle. */
export interface TestDatabase {
  readonly url: string;
  /** Missing where it is not ours to stop. */
  readonly stop?: () => Promise<void>;
  /** After `stop`, at the same address with the same data. */
  readonly start?: () => Promise<void>;
  close(): Promise<void>;
}

/** PGlite, as the local cloud has it. */
export async function embedded(): Promise<TestDatabase> {
  const stateDir = mkdtempSync(join(tmpdir(), 'millrace-sql-'));
  let engine = createPostgres({ stateDir, log: () => {} });
  const port = await engine.listen(0);
  return {
    url: postgresUrl(port),
    stop: () => engine.close(),
    async start() {
      engine = createPostgres({ stateDir, log: () => {} });
      await engine.listen(port);
    },
    async close() {
      await engine.close();
      rmSync(stateDir, { recursive: true, force: true });
    },
  };
}

/**
 * A PostgreSQL server that is none of ours: a new database at `MILLRACE_TEST_DATABASE_URL`, else a
 * server of the machine's own programs; undefined where there is neither.
 */
export function realServer(): (() => Promise<TestDatabase>) | undefined {
  const given = process.env.MILLRACE_TEST_DATABASE_URL;
  if (given) return () => databaseAt(given);
  const programs = programsFolder();
  return programs === undefined ? undefined : () => startServer(programs);
}

async function databaseAt(given: string): Promise<TestDatabase> {
  const name = `millrace_test_${process.pid}_${Date.now()}`;
  const admin = new Client({ connectionString: given });
  await admin.connect();
  await admin.query(`CREATE DATABASE ${name}`);
  const url = new URL(given);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    async close() {
      await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
      await admin.end();
    },
  };
}

function programsFolder(): string | undefined {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).toSorted().toReversed() : [];
  const folders = [
    ...versions.map((version) => join(debian, version, 'bin')),
    ...(process.env.PATH ?? '').split(':'),
  ];
  return folders.find((folder) =>
    ['initdb', 'postgres'].every((program) => existsSync(join(folder, program))),
  );
}

async function startServer(programs: string): Promise<TestDatabase> {
  const dir = mkdtempSync(join(tmpdir(), 'millrace-pg-'));
  const identity = serverIdentity();
  if (identity) chownSync(dir, identity.uid, identity.gid);
  const data = join(dir, 'data');
  const options = { ...identity, cwd: dir, stdio: 'ignore' } as const;
  const auth = ['--username', 'millrace', '--auth', 'trust', '--encoding', 'UTF8'];
  execFileSync(join(programs, 'initdb'), ['--pgdata', data, '--no-sync', ...auth], options);
  const port = await freePort();
  const url = `postgres://millrace@127.0.0.1:${port}/postgres`;
  const launch = () =>
    spawn(join(programs, 'postgres'), ['-D', data, '-p', `${port}`, '-k', dir, '-F'], options);
  let server = launch();
  const stop = async () => {
    // "Fast": clients are cut, what is open is rolled back.
    const ended = once(server, 'exit');
    server.kill('SIGINT');
    await ended;
  };
  await untilItAnswers(url);
  return {
    url,
    stop,
    async start() {
      server = launch();
      await untilItAnswers(url);
    },
    async close() {
      await stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** The server refuses to run as root; its package has made a user for it. */
function serverIdentity(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}

async function untilItAnswers(url: string): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    const client = new Client({ connectionString: url });
    try {
      await client.connect();
      await client.end();
      return;
    } catch (error) {
      if (attempt === 150) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
