import type { ChildProcess } from 'node:child_process';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type LocalPorts, portsFromEnvironment, postgresUrl } from '../addresses.ts';
import { LocalCloudError } from '../errors.ts';
import { clockSkewMs, readFaultPlan } from '../faults/index.ts';
import { probeCloud } from '../plugin/cloud-client.ts';
import { cloudFailure, spawnCloud } from '../plugin/cloud-process.ts';
import { checkBeforeStart, choosePorts, serviceFolders } from './preflight.ts';
import { type ServiceProcess, spawnService } from './service-process.ts';

export interface StackOptions {
  /** The folder that holds `services/`. */
  readonly root: string;
  /** Folder names under `services/`; default all that have a serverless.yml. */
  readonly services?: readonly string[];
  /** Default `<root>/.local`. */
  readonly stateDir?: string;
  /** Default: the environment's (`MILLRACE_PORT_OFFSET`); port 0 = any free one. */
  readonly ports?: LocalPorts;
  readonly env?: NodeJS.ProcessEnv;
  /** File of a fault plan; default: the environment's `MILLRACE_FAULTS`. */
  readonly faults?: string;
  /** Gives up starting: everything is stopped and the promise rejects with START_STOPPED. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (message: string) => void;
  /** Every line that a service prints. */
  readonly onLog?: (service: string, line: string) => void;
  /** What a service declares and the local cloud does not do. */
  readonly onWarning?: (service: string, text: string) => void;
}

export interface Stack {
  readonly edgeUrl: string;
  readonly mqttUrl: string;
  /** MQTT over TLS with certificates of the local CA. */
  readonly mqttsUrl: string;
  /** PostgreSQL, with user, password and database. */
  readonly postgresUrl: string;
  /** Of the service that has HTTP events. */
  readonly apiUrl?: string;
  readonly stateDir: string;
  /** The fault plan that is in force from the start. */
  readonly faults?: { readonly file: string; readonly seed: number };
  /** Milliseconds from the call to readiness, by service; `cloud` too. */
  readonly readyAfterMs: Readonly<Record<string, number>>;
  /** Resolves with the reason when a process ends without having been told to; all are stopped then. */
  readonly failed: Promise<LocalCloudError>;
  /** `GET /_millrace/status`. */
  status(): Promise<unknown>;
  /** Ends everything: services first, so that nothing runs without its cloud. Never rejects. */
  stop(): Promise<void>;
  /** Ends everything at once, by SIGKILL. */
  kill(): void;
}

/**
 * Starts the local cloud and each service in its own process, side by side, and resolves when every
 * service can be called. When anything fails on the way, everything is stopped before it rejects.
 *
 * @throws LocalCloudError with a code that says what to do
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const start = performance.now();
  const env = options.env ?? process.env;
  const root = resolve(options.root);
  const stateDir = resolve(options.stateDir ?? env.MILLRACE_STATE_DIR ?? join(root, '.local'));
  const names = serviceFolders(root, options.services);
  const faults = readFaults(options.faults ?? env.MILLRACE_FAULTS);
  const ports = await choosePorts(options.ports ?? portsFromEnvironment(env));
  await checkBeforeStart(stateDir, ports);
  const progress = options.onProgress ?? (() => {});
  const readyAfterMs: Record<string, number> = {};
  const arrived = (name: string) => {
    readyAfterMs[name] = Math.round(performance.now() - start);
    progress(`${name} ready after ${(readyAfterMs[name] / 1000).toFixed(1)} s`);
  };

  const edgeUrl = `http://127.0.0.1:${ports.edge}`;
  progress(`starting the local cloud and ${names.length} services`);
  const family = createFamily(
    spawnCloud(stateDir, ports, faults ? { ...env, MILLRACE_FAULTS: faults.file } : env),
    stateDir,
  );
  try {
    for (const name of names) {
      family.add(
        spawnService({
          name,
          folder: join(root, 'services', name),
          stateDir,
          ports,
          env,
          skewMs: faults ? clockSkewMs(faults.plan, name) : 0,
          onLine: options.onLog ?? (() => {}),
          onWarning: options.onWarning ?? (() => {}),
        }),
      );
    }
    const [, ...apiUrls] = await Promise.race([
      Promise.all([
        cloudAnswers(edgeUrl).then(() => arrived('cloud')),
        ...family.services.map(async (service) => {
          const { apiUrl } = await service.ready;
          arrived(service.name);
          return apiUrl;
        }),
      ]),
      family.broken.then((error) => Promise.reject(error)),
      ...(options.signal ? [rejectWhenAborted(options.signal)] : []),
    ]);
    const apiUrl = apiUrls.find((url) => url !== undefined);
    return {
      edgeUrl,
      mqttUrl: `mqtt://127.0.0.1:${ports.mqtt}`,
      mqttsUrl: `mqtts://127.0.0.1:${ports.mqtts}`,
      postgresUrl: postgresUrl(ports.postgres),
      ...(apiUrl === undefined ? {} : { apiUrl }),
      stateDir,
      ...(faults && { faults: { file: faults.file, seed: faults.plan.seed } }),
      readyAfterMs,
      failed: family.failed,
      status: async () => (await fetch(`${edgeUrl}/_millrace/status`)).json(),
      stop: family.stop,
      kill: family.kill,
    };
  } catch (error) {
    await family.stop();
    throw error;
  }
}

/** @throws LocalCloudError FAULTS_INVALID, before anything starts */
function readFaults(named: string | undefined) {
  if (!named) return undefined;
  const file = resolve(named);
  return { file, plan: readFaultPlan(file) };
}

function rejectWhenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const stopped = () =>
      reject(new LocalCloudError('START_STOPPED', 'Stopped before everything had started.'));
    if (signal.aborted) stopped();
    else signal.addEventListener('abort', stopped, { once: true });
  });
}

async function cloudAnswers(edgeUrl: string): Promise<void> {
  // Its end is noticed elsewhere; here only its first answer counts.
  while ((await probeCloud(edgeUrl)).kind !== 'cloud') await sleep(25);
}

/** The processes of one stack: none outlives another's unexpected end. */
function createFamily(cloud: ChildProcess, stateDir: string) {
  const services: ServiceProcess[] = [];
  const broken = Promise.withResolvers<LocalCloudError>();
  let stopping: Promise<void> | undefined;
  const cloudExited = new Promise<void>((exited) => {
    cloud.once('error', () => exited());
    cloud.once('exit', (code, signal) => {
      exited();
      void report(
        cloudFailure(stateDir) ??
          new LocalCloudError(
            'CLOUD_ENDED',
            `The local cloud ended unexpectedly (${signal ?? `exit code ${code}`}): see ${join(stateDir, 'logs', 'cloud.log')}.`,
          ),
      );
    });
  });
  async function report(error: LocalCloudError): Promise<void> {
    // Ctrl-C reaches every process of the terminal at the same time: a child may end a moment before
    // this process is told to stop.
    await sleep(150);
    if (stopping) return;
    broken.resolve(error);
  }

  function stop(): Promise<void> {
    stopping ??= (async () => {
      await Promise.all(services.map(({ child }) => end(child, 4_000)));
      await end(cloud, 6_000);
      await cloudExited;
    })();
    return stopping;
  }

  return {
    services,
    /** The reason, as soon as it is known. */
    broken: broken.promise,
    /** The same, when everything has been stopped. */
    failed: broken.promise.then(async (error) => {
      await stop();
      return error;
    }),
    stop,
    add(service: ServiceProcess) {
      services.push(service);
      void service.exited.then(report);
    },
    kill() {
      stopping ??= Promise.resolve();
      for (const child of [...services.map((service) => service.child), cloud]) {
        child.kill('SIGKILL');
      }
    },
  };
}

/** SIGTERM, then SIGKILL when the grace is over. Resolves when the process is gone. */
async function end(child: ChildProcess, graceMs: number): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
  child.kill('SIGTERM');
  await exited;
  clearTimeout(timer);
}
