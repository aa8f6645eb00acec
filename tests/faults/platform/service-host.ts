import { type ChildProcess, fork } from 'node:child_process';
import { createWriteStream, readFileSync } from 'node:fs';
import { devNull } from 'node:os';
import { join } from 'node:path';
import type { FromHost, HostedFunction, StopMode, ToHost } from '../host/messages.ts';
import { repositoryRoot } from './registrations.ts';

/** The functions of one service in a process of their own, which is started again when it dies. */
export interface ServiceHost {
  /** Resolves when it can be called (for the first time). */
  readonly ready: Promise<void>;
  /** Handlers that run. */
  readonly running: number;
  /** How many began or ended so far. */
  readonly changes: number;
  /** How often the process died and was replaced. */
  readonly deaths: number;
  /** That DynamoDB said to have taken for it, in all its processes. */
  readonly writeUnits: number;
  /** The largest that its process was, in MB, where the system tells (Linux); else 0. */
  readonly peakMemory: number;
  setStops(how: StopMode): void;
  setClock(aheadMs: number): void;
  /** SIGKILL, whatever it is doing. */
  kill(): void;
  close(): Promise<void>;
}

export interface ServiceHostOptions {
  readonly folder: string;
  readonly edgeUrl: string;
  readonly functions: readonly HostedFunction[];
  readonly logFile: string;
  /** Told whenever the functions can be called, at a new address. */
  readonly onReady: (lambdaUrl: string, pid: number) => Promise<void>;
  /** Told when the process died. */
  readonly onDeath: () => Promise<void>;
}

export function startServiceHost(options: ServiceHostOptions): ServiceHost {
  const first = Promise.withResolvers<void>();
  const log = createWriteStream(options.logFile, { flags: 'a' });
  let child: ChildProcess;
  let running = 0;
  let changes = 0;
  let deaths = 0;
  let writeUnits = 0;
  let unitsOfDead = 0;
  let peakMemory = 0;
  let stops: StopMode = 'calls';
  let aheadMs = 0;
  let closed = false;
  let exited = Promise.resolve();

  const say = (message: ToHost) => {
    // One that dies just now hears nothing more; the next one is told everything again.
    if (child.connected) child.send(message, () => {});
  };

  function start(): void {
    child = spawnHost(options);
    const { pid = 0 } = child;
    child.stdout?.pipe(log, { end: false });
    child.stderr?.pipe(log, { end: false });
    child.on('message', (message: FromHost) => {
      if (message.kind === 'running') {
        running = message.handlers;
        writeUnits = unitsOfDead + message.writeUnits;
        changes += 1;
      } else void options.onReady(message.lambdaUrl, pid).then(first.resolve, first.reject);
    });
    exited = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        resolve();
        running = 0;
        unitsOfDead = writeUnits;
        if (closed) return;
        if (signal !== 'SIGKILL') {
          first.reject(new Error(`${options.folder} ended (${code}): see ${options.logFile}`));
          return;
        }
        deaths += 1;
        void options.onDeath().then(start);
      });
    });
    say({ kind: 'clock', aheadMs });
    say({ kind: 'stops', how: stops });
    say({ kind: 'start', functions: options.functions });
  }

  start();
  return {
    ready: first.promise,
    get running() {
      return running;
    },
    get changes() {
      return changes;
    },
    get deaths() {
      return deaths;
    },
    get writeUnits() {
      return writeUnits;
    },
    get peakMemory() {
      return Math.max(peakMemory, peakOf(child.pid));
    },
    setStops(how) {
      stops = how;
      say({ kind: 'stops', how });
    },
    setClock(ms) {
      aheadMs = ms;
      say({ kind: 'clock', aheadMs });
    },
    kill() {
      peakMemory = Math.max(peakMemory, peakOf(child.pid));
      child.kill('SIGKILL');
    },
    async close() {
      closed = true;
      child.kill('SIGKILL');
      await exited;
      log.end();
    },
  };
}

function peakOf(pid = 0): number {
  try {
    const [, kB = 0] =
      /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Math.round(Number(kB) / 1024);
  } catch {
    return 0;
  }
}

function spawnHost({ folder, edgeUrl }: ServiceHostOptions): ChildProcess {
  const script = join(import.meta.dirname, '../host/host-process.ts');
  const env = Object.entries(process.env).filter(
    ([name]) => !/^(AWS_|VITEST|NODE_OPTIONS|NODE_V8_COVERAGE)/.test(name),
  );
  return fork(script, [join(repositoryRoot, 'services', folder, 'src')], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    execArgv: [],
    serialization: 'json',
    env: {
      ...Object.fromEntries(env),
      AWS_ENDPOINT_URL: edgeUrl,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'millrace',
      AWS_SECRET_ACCESS_KEY: 'millrace',
      AWS_CONFIG_FILE: devNull,
      AWS_SHARED_CREDENTIALS_FILE: devNull,
      AWS_EC2_METADATA_DISABLED: 'true',
      POWERTOOLS_LOG_LEVEL: 'WARN',
      POWERTOOLS_METRICS_DISABLED: 'true',
      NODE_COMPILE_CACHE: join(repositoryRoot, 'node_modules/.cache/faults'),
      NODE_NO_WARNINGS: '1',
    },
  });
}
