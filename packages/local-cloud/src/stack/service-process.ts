import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { type LocalPorts, portsToEnvironment } from '../addresses.ts';
import { LocalCloudError } from '../errors.ts';
import { openLog, withoutAws } from '../plugin/cloud-process.ts';
import { isolateFromAws } from '../plugin/isolation.ts';
import { type ServiceMessage, supervisedVariable } from '../plugin/supervision.ts';
import { createLineSplitter, severityOf } from './console-lines.ts';

const skewedClock = new URL('../faults/skewed-clock.ts', import.meta.url).href;

export interface ServiceProcess {
  readonly name: string;
  readonly child: ChildProcess;
  /** Resolves when the service's functions can be called; rejects when it ends before. */
  readonly ready: Promise<{ apiUrl?: string }>;
  /** Resolves when the process has ended, with what is known of the reason. */
  readonly exited: Promise<LocalCloudError>;
}

export interface ServiceProcessOptions {
  readonly name: string;
  readonly folder: string;
  readonly stateDir: string;
  readonly ports: LocalPorts;
  readonly env: NodeJS.ProcessEnv;
  /** How far the service's clock is off, by the fault plan. */
  readonly skewMs: number;
  readonly onLine: (service: string, line: string) => void;
  readonly onWarning: (service: string, text: string) => void;
}

/** Runs `sls offline` in the service's folder, from the Serverless Framework that the service has. */
export function spawnService(options: ServiceProcessOptions): ServiceProcess {
  const { name, folder, stateDir, ports } = options;
  const log = createWriteStream('', { fd: openLog(stateDir, name) });
  // Losing the log of a full disk must not take the service down with it.
  log.on('error', () => {});
  const env = withoutAws(options.env);
  isolateFromAws(env, `http://127.0.0.1:${ports.edge}`);
  const skew = options.skewMs === 0 ? [] : ['--import', `${skewedClock}?ms=${options.skewMs}`];
  const child = spawn(process.execPath, [...skew, serverlessProgram(folder), 'offline'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: {
      ...env,
      ...portsToEnvironment(ports),
      MILLRACE_STATE_DIR: stateDir,
      [supervisedVariable]: '1',
      // The framework asks after updates and prints deprecations; neither helps here.
      SLS_NOTIFICATIONS_MODE: 'off',
      FORCE_COLOR: '0',
    },
  });
  const complaint = createComplaint();
  const lines = createLineSplitter((line) => {
    log.write(`${line}\n`);
    complaint.hear(line);
    options.onLine(name, line);
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => lines.push(chunk));
  }
  return {
    name,
    child,
    ...watch(options, child, complaint.last, () => {
      lines.flush();
      log.end();
    }),
  };
}

/** The last error that the framework printed: `Error:` stands on a line of its own above the text. */
function createComplaint() {
  let last = '';
  let announced = false;
  return {
    hear(line: string) {
      const text = line.trim();
      if (text === '') return;
      if (announced || severityOf(line) === 'error') last = text.replace(/^(Error:|[✖×])\s*/, '');
      announced = text === 'Error:';
    },
    last: () => (last ? `; ${last.slice(0, 200)}` : ''),
  };
}

function watch(
  { name, stateDir, onWarning }: ServiceProcessOptions,
  child: ChildProcess,
  lastComplaint: () => string,
  closeLog: () => void,
): Pick<ServiceProcess, 'ready' | 'exited'> {
  let told: LocalCloudError | undefined;
  const ready = Promise.withResolvers<{ apiUrl?: string }>();
  const exited = Promise.withResolvers<LocalCloudError>();
  ready.promise.catch(() => {});
  child.on('message', (message: ServiceMessage) => {
    if (message.kind === 'warning') onWarning(name, message.text);
    else if (message.kind === 'failed') told = new LocalCloudError(message.code, message.message);
    else ready.resolve(message.apiUrl === undefined ? {} : { apiUrl: message.apiUrl });
  });
  const ended = (how: string) => {
    closeLog();
    const error =
      told ??
      new LocalCloudError(
        'SERVICE_ENDED',
        `The service ${name} ended unexpectedly (${how}${lastComplaint()}): see ${join(stateDir, 'logs', `${name}.log`)}.`,
      );
    ready.reject(error);
    exited.resolve(error);
  };
  child.once('error', (error) => ended(error.message));
  child.once('close', (code, signal) => ended(signal ?? `exit code ${code}`));
  return { ready: ready.promise, exited: exited.promise };
}

/** @throws LocalCloudError NOT_INSTALLED */
function serverlessProgram(folder: string): string {
  try {
    const manifest = createRequire(join(folder, 'package.json')).resolve('serverless/package.json');
    return join(dirname(manifest), 'bin', 'serverless.js');
  } catch (cause) {
    throw new LocalCloudError(
      'NOT_INSTALLED',
      `The Serverless Framework is not installed in ${folder}: run "npm start", which installs everything first.`,
      { cause },
    );
  }
}
