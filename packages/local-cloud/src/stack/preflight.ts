import { existsSync, readdirSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LocalPorts } from '../addresses.ts';
import { LocalCloudError } from '../errors.ts';
import { probeCloud } from '../plugin/cloud-client.ts';
import { unwritable } from '../plugin/cloud-process.ts';
import { freePort, isFree, preferredPort } from '../plugin/free-port.ts';
import { lockState } from '../state-lock.ts';

const needed = 200 * 1024 * 1024;

/**
 * The folders under `services/` that have a serverless.yml, or the named ones.
 *
 * @throws LocalCloudError SERVICE_UNKNOWN
 */
export function serviceFolders(root: string, only?: readonly string[]): string[] {
  const services = join(root, 'services');
  const present = readdirSync(services, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .filter((name) => existsSync(join(services, name, 'serverless.yml')))
    .sort();
  if (!only) return present;
  const unknown = only.filter((name) => !present.includes(name));
  if (unknown.length === 0) return [...only];
  throw new LocalCloudError(
    'SERVICE_UNKNOWN',
    `There is no service ${unknown.join(', ')}: choose from ${present.join(', ')}.`,
  );
}

/** Replaces each port 0 by a free one, and PostgreSQL's where the machine has a PostgreSQL there. */
export async function choosePorts(ports: LocalPorts): Promise<Required<LocalPorts>> {
  const chosen = async (port: number) => (port === 0 ? freePort() : port);
  return {
    edge: await chosen(ports.edge),
    mqtt: await chosen(ports.mqtt),
    mqtts: await chosen(ports.mqtts ?? 0),
    postgres: await preferredPort(ports.postgres ?? 0),
    api: await chosen(ports.api),
  };
}

/**
 * Finds out before anything starts what would make it fail half-way.
 *
 * @throws LocalCloudError STATE_UNWRITABLE, STATE_IN_USE, DISK_FULL, PORT_TAKEN, CLOUD_RUNNING
 */
export async function checkBeforeStart(stateDir: string, ports: LocalPorts): Promise<void> {
  for await (const problem of problemsBeforeStart(stateDir, ports)) throw problem;
}

/** All of what `checkBeforeStart` throws the first of. */
export async function* problemsBeforeStart(
  stateDir: string,
  ports: LocalPorts,
): AsyncGenerator<LocalCloudError> {
  try {
    await untilReleased(() => claimFolder(stateDir));
  } catch (error) {
    if (!(error instanceof LocalCloudError)) throw error;
    yield error;
  }
  const free = freeBytes(stateDir);
  if (free !== undefined && free < needed) {
    yield new LocalCloudError(
      'DISK_FULL',
      `Only ${Math.floor(free / 1024 / 1024)} MB are free for ${stateDir}: free at least 200 MB, or name another folder with MILLRACE_STATE_DIR.`,
    );
  }
  for (const port of new Set(Object.values(ports))) {
    if (!(await becomesFree(port))) yield await taken(port, ports);
  }
}

/** Undefined where there is no such folder. */
function freeBytes(folder: string): number | undefined {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    return undefined;
  }
}

/** @throws LocalCloudError STATE_UNWRITABLE, STATE_IN_USE */
function claimFolder(stateDir: string): void {
  try {
    lockState(stateDir)();
  } catch (cause) {
    if (cause instanceof LocalCloudError) throw cause;
    throw unwritable(stateDir, cause);
  }
}

async function taken(port: number, { edge }: LocalPorts): Promise<LocalCloudError> {
  const probe = port === edge ? await probeCloud(`http://127.0.0.1:${port}`) : undefined;
  if (probe?.kind === 'cloud') {
    return new LocalCloudError(
      'CLOUD_RUNNING',
      `A local cloud runs on port ${port} already (process ${probe.health.pid}, state in ${probe.health.stateDir}): use that one, stop it, or move every port with MILLRACE_PORT_OFFSET=100.`,
    );
  }
  return new LocalCloudError(
    'PORT_TAKEN',
    `Port ${port} is in use by another program: stop that, or move every port with MILLRACE_PORT_OFFSET=100.`,
  );
}

/** A run that was killed a moment ago may still be letting go of its folder and its ports. */
const releaseAttempts = 15;

async function untilReleased(claim: () => void): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return claim();
    } catch (error) {
      const held = error instanceof LocalCloudError && error.code === 'STATE_IN_USE';
      if (!held || attempt === releaseAttempts) throw error;
      await sleep(100);
    }
  }
}

async function becomesFree(port: number): Promise<boolean> {
  for (let attempt = 1; attempt <= releaseAttempts; attempt += 1) {
    if (await isFree(port)) return true;
    await sleep(100);
  }
  return false;
}
