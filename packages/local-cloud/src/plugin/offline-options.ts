import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { LocalPorts } from '../addresses.ts';
import { portTaken } from './find-cloud.ts';
import type { CliOptions, Serverless, ServerlessService } from './framework.ts';
import { freePort, isFree } from './free-port.ts';

/** Where serverless-offline will listen. */
export interface OfflineAddresses {
  readonly host: string;
  readonly lambdaPort: number;
  /** Only for a service with HTTP events. */
  readonly httpPort?: number;
}

const section = 'serverless-offline';

/**
 * Chooses serverless-offline's ports and defaults, leaving alone what the service or the command line
 * sets. Several services run side by side, so fixed default ports would collide.
 *
 * @throws LocalCloudError PORT_TAKEN
 */
export async function configureOffline(
  serverless: Serverless,
  cli: CliOptions,
  ports: LocalPorts,
): Promise<OfflineAddresses> {
  const { service } = serverless;
  const lambdaFallback = await freePort();
  // From here to the end of the assignment nothing waits: serverless-esbuild, which bundles
  // meanwhile, writes its output folder into the same section.
  const custom = { ...asRecord(service.custom?.[section]) };
  const set = (name: string, value: unknown) => {
    if (cli[name] === undefined && custom[name] === undefined) custom[name] = value;
    return cli[name] ?? custom[name];
  };
  const host = String(set('host', '127.0.0.1'));
  const lambdaPort = Number(set('lambdaPort', lambdaFallback));
  const httpPort = hasHttpEvents(service) ? Number(set('httpPort', ports.api)) : undefined;
  // Without this serverless-offline leaves JWT routes open instead of checking issuer and audience.
  set('ignoreJWTSignature', true);
  service.custom = { ...service.custom, [section]: custom };
  cli.noSponsor = true;
  if (httpPort !== undefined && !(await isFree(httpPort, host))) throw portTaken(httpPort);
  return { host, lambdaPort, ...(httpPort === undefined ? {} : { httpPort }) };
}

/**
 * Lets serverless-esbuild watch the sources only. By its default a saved test or script reloads the
 * functions as well, and each reload ends the worker threads with whatever they are at: that
 * invocation then hangs until its timeout and uses up one of its retries. To be called before
 * serverless-esbuild reads its options.
 */
export function narrowWatch({ service, serviceDir }: Serverless): void {
  const esbuild = asRecord(service.custom?.esbuild);
  if (esbuild.watch !== undefined || !existsSync(join(serviceDir ?? '.', 'src'))) return;
  esbuild.watch = { pattern: ['src/**/*.(js|mjs|ts)'] };
  service.custom = { ...service.custom, esbuild };
}

/** The cloud runs the schedules; serverless-offline would run them a second time. */
export function removeSchedules(service: ServerlessService): void {
  for (const declared of Object.values(service.functions ?? {})) {
    declared.events = (declared.events ?? []).filter((event) => !('schedule' in event));
  }
}

export function hasHttpEvents(service: ServerlessService): boolean {
  return Object.values(service.functions ?? {}).some(({ events }) =>
    (events ?? []).some((event) => 'httpApi' in event || 'http' in event),
  );
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
