import { setTimeout as sleep } from 'node:timers/promises';
import { type LocalPorts, postgresUrl } from '../addresses.ts';
import { LocalCloudError } from '../errors.ts';
import { type Probe, probeCloud } from './cloud-client.ts';
import { cloudFailure, spawnCloud } from './cloud-process.ts';

export interface FoundCloud {
  readonly edgeUrl: string;
  readonly stateDir: string;
  readonly postgresUrl: string;
  /** Whether this process started it (and ends it). */
  readonly started: boolean;
}

export interface FindCloudOptions {
  readonly ports: LocalPorts;
  readonly stateDir: string;
  /** Someone else is starting it: only wait. */
  readonly supervised: boolean;
  readonly patienceMs?: number;
}

/** A cloud that is starting accepts connections at once and answers when it is ready. */
const bootMs = 15_000;

/**
 * The cloud at the edge port; started when there is none.
 *
 * @throws LocalCloudError PORT_TAKEN, CLOUD_NOT_STARTED, STATE_UNWRITABLE
 */
export async function findCloud(options: FindCloudOptions): Promise<FoundCloud> {
  const edgeUrl = `http://127.0.0.1:${options.ports.edge}`;
  const first = options.supervised ? undefined : await probeCloud(edgeUrl, bootMs);
  if (first?.kind === 'cloud') return found(edgeUrl, first, false);
  if (first?.kind === 'other') throw portTaken(options.ports.edge);
  const child = options.supervised ? undefined : spawnCloud(options.stateDir, options.ports);
  let exitCode: number | null | undefined;
  child?.once('exit', (code) => {
    exitCode = code;
  });
  const patience = options.patienceMs ?? 60_000;
  for (const start = Date.now(); Date.now() - start < patience; await sleep(50)) {
    const probe = await probeCloud(edgeUrl);
    if (probe.kind === 'cloud') return found(edgeUrl, probe, child?.pid === probe.health.pid);
    // Two services that start together both find no cloud: the slower one joins the faster one's.
    if (exitCode !== undefined) return joinOther(edgeUrl, options);
  }
  child?.kill();
  throw notStarted(options);
}

async function joinOther(edgeUrl: string, options: FindCloudOptions): Promise<FoundCloud> {
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const probe = await probeCloud(edgeUrl);
    if (probe.kind === 'cloud') return found(edgeUrl, probe, false);
    await sleep(100);
  }
  throw notStarted(options);
}

function found(edgeUrl: string, probe: Probe & { kind: 'cloud' }, started: boolean): FoundCloud {
  const { stateDir, ports } = probe.health;
  return { edgeUrl, stateDir, postgresUrl: postgresUrl(ports.postgres), started };
}

export function portTaken(port: number): LocalCloudError {
  return new LocalCloudError(
    'PORT_TAKEN',
    `Port ${port} is in use by another program: stop that, or move every port with MILLRACE_PORT_OFFSET=100.`,
  );
}

function notStarted({ stateDir }: FindCloudOptions): LocalCloudError {
  const told = cloudFailure(stateDir);
  if (told) return told;
  return new LocalCloudError(
    'CLOUD_NOT_STARTED',
    `The local cloud did not start: see ${stateDir}/logs/cloud.log.`,
  );
}
