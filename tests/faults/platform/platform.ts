import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Cloud,
  type CloudOptions,
  startCloud,
} from '../../../packages/local-cloud/src/cloud.ts';
import {
  createMovableClock,
  type MovableClock,
} from '../../../packages/local-cloud/src/movable-clock.ts';
import { createCloudClient } from '../../../packages/local-cloud/src/plugin/cloud-client.ts';
import type { HostedFunction, StopMode } from '../host/messages.ts';
import { type RecordedService, repositoryRoot } from './registrations.ts';
import { type ServiceHost, startServiceHost } from './service-host.ts';
import { startTimePump } from './time-pump.ts';

/** The five services on one local cloud, with time and death in our hands. */
export interface Platform {
  readonly cloud: Cloud;
  readonly clock: MovableClock;
  /** What an AWS SDK client needs to speak to the cloud; one attempt, so that callers see each fault. */
  readonly target: {
    readonly endpoint: string;
    readonly region: string;
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
    readonly maxAttempts: number;
  };
  /** Handlers that run, stopped ones included. */
  running(): number;
  /** No time is skipped until what it returns is called. */
  holdTime(): () => void;
  /** Processes of services that died so far. */
  deaths(): number;
  /** How invocations end in the middle, and how far each service's clock is off, by folder. */
  prepare(how: StopMode, skewMs: (folder: string) => number): void;
  /** What a service's processes took so far. */
  used(folder: string): { readonly writeUnits: number; readonly peakMemory: number };
  /** SIGKILL of a service's process, which is started again. */
  kill(folder: string): void;
  readonly logFolder: string;
  readonly stateDir: string;
  close(): Promise<void>;
}

export interface PlatformOptions extends Pick<CloudOptions, 'kinesisShardLimits'> {
  /** Where its state lies while it runs; default: the folder of temporary files. */
  readonly folder?: string;
  /** Whether time goes on faster while no function runs; default: it does. */
  readonly skipsTime?: boolean;
}

/** How far services' clocks may fall behind the skipped time, in milliseconds. */
const TELL_EVERY_MS = 5_000;
/** Starting a process again costs as much as a run: beyond so many deaths in one, sandboxes end. */
const MOST_DEATHS = 2;
/** Delays before the retries of an asynchronous invocation: a minute and two are only skipped time. */
const ASYNC_RETRY_DELAYS_MS = [2_000, 4_000];

export async function startPlatform(
  services: readonly RecordedService[],
  { folder = tmpdir(), skipsTime = true, ...cloudOptions }: PlatformOptions = {},
): Promise<Platform> {
  const stateDir = mkdtempSync(join(folder, 'millrace-faults-'));
  // Also where the process that runs the seeds is told to end.
  process.once('exit', () => rmSync(stateDir, { recursive: true, force: true }));
  const logFolder = join(stateDir, 'logs');
  mkdirSync(logFolder, { recursive: true });
  const clock = createMovableClock();
  const cloud = await startCloud({
    ...{ ...cloudOptions, stateDir, clock, edgePort: 0, mqttPort: 0 },
    asyncRetryDelaysMs: ASYNC_RETRY_DELAYS_MS,
  });
  const hosts = new Map<string, ServiceHost>();
  let onDeath = () => {};
  try {
    // In the order of their outputs: who registers later may import from who registered before.
    for (const service of services) {
      hosts.set(service.folder, await hostService(cloud, service, logFolder, () => onDeath()));
    }
    await Promise.all([...hosts.values()].map((host) => host.ready));
  } catch (error) {
    await closeAll(hosts, cloud, stateDir);
    throw error;
  }
  const sumOf = (part: 'running' | 'changes' | 'deaths') =>
    [...hosts.values()].reduce((sum, host) => sum + host[part], 0);
  let skew = (_folder: string) => 0;
  let told = 0;
  const setClocks = () => {
    told = clock.offsetMs;
    for (const [folder, host] of hosts) host.setClock(Math.round(clock.offsetMs + skew(folder)));
  };
  const pump = startTimePump({
    clock,
    activity: () => ({ running: sumOf('running'), changes: sumOf('changes') }),
    onSkip: (offsetMs) => {
      if (offsetMs - told >= TELL_EVERY_MS) setClocks();
    },
  });
  if (!skipsTime) pump.hold();
  return {
    cloud,
    clock,
    target: {
      endpoint: cloud.edgeUrl,
      region: 'us-east-1',
      credentials: { accessKeyId: 'millrace', secretAccessKey: 'millrace' },
      maxAttempts: 1,
    },
    running: () => sumOf('running'),
    holdTime: pump.hold,
    deaths: () => sumOf('deaths'),
    prepare(how, skewMs) {
      skew = skewMs;
      let deaths = 0;
      const endSandboxes = () => {
        for (const host of hosts.values()) host.setStops('calls');
      };
      onDeath = () => {
        deaths += 1;
        if (deaths === MOST_DEATHS) endSandboxes();
      };
      for (const host of hosts.values()) host.setStops(how);
      setClocks();
    },
    used: (folder) => hosts.get(folder) ?? { writeUnits: 0, peakMemory: 0 },
    kill: (folder) => hosts.get(folder)?.kill(),
    logFolder,
    stateDir,
    async close() {
      await pump.stop();
      await closeAll(hosts, cloud, stateDir);
    },
  };
}

async function closeAll(
  hosts: ReadonlyMap<string, ServiceHost>,
  cloud: Cloud,
  stateDir: string,
): Promise<void> {
  await Promise.all([...hosts.values()].map((host) => host.close()));
  await cloud.close();
  rmSync(stateDir, { recursive: true, force: true });
}

async function hostService(
  cloud: Cloud,
  { folder, registration, handlers }: RecordedService,
  logFolder: string,
  onDeath: () => void,
): Promise<ServiceHost> {
  const client = createCloudClient(cloud.edgeUrl, registration.service);
  const { environment } = await client.register(registration);
  const functions = registration.functions.map(({ key, name, timeoutSeconds }): HostedFunction => {
    const [file = '', exportName = ''] = (handlers[key] ?? '').split(/\.(?=[^.]+$)/);
    return {
      ...{ name, key, exportName },
      file: join(repositoryRoot, 'services', folder, `${file}.ts`),
      environment: environment[key] ?? {},
      timeoutMs: timeoutSeconds * 1000,
    };
  });
  return startServiceHost({
    ...{ folder, functions },
    edgeUrl: cloud.edgeUrl,
    logFile: join(logFolder, `${folder}.log`),
    onReady: (lambdaUrl, pid) => client.announce({ lambdaUrl, pid }),
    onDeath: async () => {
      onDeath();
      await client.withdraw();
    },
  });
}
