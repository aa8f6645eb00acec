import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { LocalCloudError } from '../errors.ts';
import { freePort } from '../plugin/free-port.ts';
import type { CloudState } from '../state.ts';
import { type GuardedChild, spawnGuarded } from './guarded-child.ts';

const DYNOXIDE_VERSION = '1.2.1';
const START_TIMEOUT_MS = 60_000;
const ORPHAN_TIMEOUT_MS = 3_000;
const START_ATTEMPTS = 3;

/** The region that dynoxide writes into every ARN, whatever the client's region is. */
const DYNOXIDE_REGION = 'dynoxide';

export interface DynamoDbEngine {
  readonly url: string;
  /** The region in the engine's ARNs; missing when it is the client's, as in AWS. */
  readonly region?: string;
  /** The SQLite file of the embedded engine; missing when another DynamoDB is used. */
  readonly databaseFile?: string;
  /** Resolves (with a reason) when the engine ended without being asked to; never rejects. */
  readonly failed: Promise<string>;
  close(): Promise<void>;
}

interface DynamoDbOptions {
  readonly state: CloudState;
  readonly log: (line: string) => void;
  /** Use this DynamoDB instead of starting one (http URL). */
  readonly endpoint?: string;
}

/**
 * DynamoDB and DynamoDB Streams: one dynoxide process over `<stateDir>/dynamodb.db`, which ends
 * when this process ends.
 *
 * @throws LocalCloudError DYNAMODB_HELD, DYNAMODB_FAILED
 */
export async function startDynamoDb(options: DynamoDbOptions): Promise<DynamoDbEngine> {
  if (options.endpoint) return joinEndpoint(options.endpoint);
  const database = join(options.state.dir, 'dynamodb.db');
  const pidFile = join(options.state.dir, 'dynamodb.pid');
  await waitForOrphan(pidFile, database);
  for (let attempt = 1; ; attempt++) {
    const started = await startOnce(database, pidFile, options.log);
    if ('engine' in started) return started.engine;
    if (attempt === START_ATTEMPTS) {
      throw new LocalCloudError(
        'DYNAMODB_FAILED',
        `The DynamoDB engine did not start (${started.reason}): mend that, or name a running DynamoDB with MILLRACE_DYNAMODB_ENDPOINT.`,
      );
    }
  }
}

async function joinEndpoint(endpoint: string): Promise<DynamoDbEngine> {
  const url = endpoint.replace(/\/+$/, '');
  const server = await serverAt(url);
  if (server === undefined) {
    throw new LocalCloudError(
      'DYNAMODB_FAILED',
      `Nothing answers at MILLRACE_DYNAMODB_ENDPOINT=${endpoint}: start it, or unset the variable.`,
    );
  }
  const region = regionOf(server);
  const unwatched = { failed: new Promise<string>(() => {}), close: async () => {} };
  return { url, ...unwatched, ...(region && { region }) };
}

/** Both emulators that are known to name a region of their own tell who they are. */
function regionOf(server: string): string | undefined {
  if (server.startsWith('Dynoxide')) return DYNOXIDE_REGION;
  // DynamoDB Local.
  return server.startsWith('Jetty') ? 'ddblocal' : undefined;
}

async function startOnce(
  database: string,
  pidFile: string,
  log: (line: string) => void,
): Promise<{ engine: DynamoDbEngine } | { reason: string }> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const { command, args } = dynoxideCommand();
  let lastLine = '';
  const child = spawnGuarded(
    command,
    [...args, 'serve', '--host', '127.0.0.1', '--port', String(port), '--db-path', database],
    (line) => {
      lastLine = line;
      log(`dynamodb: ${line}`);
    },
  );
  writeFileSync(pidFile, String(child.pid));
  let ended = false;
  const exited = child.exited.then((code) => {
    ended = true;
    return lastLine && code !== 0 ? lastLine : `exit code ${code}`;
  });
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!ended && Date.now() < deadline) {
    if ((await serverAt(url)) !== undefined)
      return { engine: { ...runningEngine(url, child, exited, pidFile), databaseFile: database } };
    await pause(10);
  }
  if (ended) return { reason: await exited };
  await child.stop();
  return { reason: `no answer within ${START_TIMEOUT_MS / 1000} s` };
}

function runningEngine(
  url: string,
  child: GuardedChild,
  exited: Promise<string>,
  pidFile: string,
): DynamoDbEngine {
  let closing = false;
  const failed = new Promise<string>((resolve) => {
    void exited.then((reason) => {
      if (!closing) resolve(reason);
    });
  });
  return {
    url,
    region: DYNOXIDE_REGION,
    failed,
    async close() {
      closing = true;
      await child.stop();
      rmSync(pidFile, { force: true });
    },
  };
}

/**
 * Two engines must never write one database. The guard of a killed cloud ends its engine within
 * moments; an engine that is still there after that lost its guard and has to be ended by hand.
 */
async function waitForOrphan(pidFile: string, database: string): Promise<void> {
  const pid = readPid(pidFile);
  if (pid === undefined) return;
  const deadline = Date.now() + ORPHAN_TIMEOUT_MS;
  while (holds(pid, database)) {
    if (Date.now() > deadline) {
      throw new LocalCloudError(
        'DYNAMODB_HELD',
        `An earlier DynamoDB engine still holds ${database}: end it with "kill -9 -${pid}" and start again.`,
      );
    }
    await pause(50);
  }
}

function readPid(pidFile: string): number | undefined {
  try {
    const pid = Number(readFileSync(pidFile, 'utf8'));
    return Number.isInteger(pid) && pid > 1 ? pid : undefined;
  } catch {
    // No engine of an earlier cloud was left behind: the usual case.
    return undefined;
  }
}

/**
 * Whether a process of the group `pid` that is alive has the database on its command line: pids are
 * reused, and one that has ended may wait long to be reaped (Z).
 */
function holds(pid: number, database: string): boolean {
  const processes = execFileSync('ps', ['-A', '-o', 'pgid=,stat=,args='], {
    encoding: 'utf8',
    maxBuffer: 16 << 20,
  });
  return processes.split('\n').some((line) => {
    const [group, state = ''] = line.trim().split(/\s+/, 2);
    return Number(group) === pid && !state.startsWith('Z') && line.includes(database);
  });
}

function dynoxideCommand(): { command: string; args: string[] } {
  try {
    const manifest = createRequire(import.meta.url).resolve('@dynoxide/linux-x64/package.json');
    return { command: join(dirname(manifest), 'dynoxide'), args: [] };
  } catch {
    // Not this platform's package: the public wrapper fetches the right one.
    return { command: 'npx', args: ['--yes', `dynoxide@${DYNOXIDE_VERSION}`] };
  }
}

/** The `Server` header of what answers at the URL, `undefined` when nothing does. */
async function serverAt(url: string): Promise<string | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(1_000) });
    await response.arrayBuffer();
    return response.headers.get('server') ?? '';
  } catch {
    return undefined;
  }
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
