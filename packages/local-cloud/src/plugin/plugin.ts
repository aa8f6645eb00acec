import { setTimeout as sleep } from 'node:timers/promises';
import { portsFromEnvironment } from '../addresses.ts';
import { LocalCloudError } from '../errors.ts';
import type { RegistrationResult } from '../ports.ts';
import { type CloudClient, createCloudClient, probeCloud } from './cloud-client.ts';
import { stateFolder } from './cloud-process.ts';
import { type FoundCloud, findCloud } from './find-cloud.ts';
import type { CliOptions, PluginUtils, Serverless } from './framework.ts';
import { isListening } from './free-port.ts';
import {
  type FunctionHost,
  type HostedInvocation,
  startFunctionHost,
} from './function-host/function-host.ts';
import { hostedFunctions } from './hosted-functions.ts';
import { isolateFromAws } from './isolation.ts';
import {
  configureOffline,
  hasHttpEvents,
  narrowWatch,
  type OfflineAddresses,
  removeSchedules,
} from './offline-options.ts';
import { describeService } from './registration.ts';
import { createSupervision, type Supervision } from './supervision.ts';

interface JoinedCloud {
  readonly cloud: FoundCloud;
  readonly client: CloudClient;
  readonly registered: RegistrationResult;
  readonly offline: OfflineAddresses;
}

/**
 * Joins a service that runs under `sls offline` to the local cloud: its resources are created there,
 * its environment is resolved, and its triggers call it. Other commands are left alone.
 */
export class LocalCloudPlugin {
  readonly hooks: Record<string, () => Promise<void> | void>;
  readonly #serverless: Serverless;
  readonly #cli: CliOptions;
  readonly #log: PluginUtils['log'];
  #supervision: Supervision | undefined;
  #joining: Promise<JoinedCloud> | undefined;
  #client: CloudClient | undefined;
  #host: FunctionHost | undefined;
  #leaving = false;

  constructor(serverless: Serverless, cli: CliOptions, utils: PluginUtils = {}) {
    this.#serverless = serverless;
    this.#cli = cli;
    this.#log = utils.log;
    if (serverless.processedInput?.commands[0] === 'offline') narrowWatch(serverless);
    this.hooks = {
      initialize: () => this.#initialize(),
      'before:offline:start': () => this.#beforeStart(),
      'before:offline:start:init': () => this.#beforeStart(),
      'before:offline:start:end': () => this.#leave(),
      // serverless-esbuild has bundled anew.
      'offline:functionsUpdated:cleanup': () => this.#host?.renew(),
      // The framework prints the error and waits for the process to end by itself, which a cloud
      // that was started, or a watcher, would prevent.
      error: () => {
        if (this.#joining) setTimeout(() => process.exit(1), 500).unref();
      },
    };
  }

  #initialize(): void {
    const [command] = this.#serverless.processedInput?.commands ?? [];
    if (command === 'deploy') this.#refuseLocalDeploy();
    if (command !== 'offline') return;
    this.#supervision = createSupervision(process.env);
    // Runs while serverless-esbuild bundles; `#beforeStart` waits for it and reports a failure.
    this.#joining = this.#join();
    this.#joining.catch(() => {});
  }

  #refuseLocalDeploy(): void {
    const { stage } = this.#serverless.service.provider;
    if (stage !== 'local' || process.env.AWS_ENDPOINT_URL) return;
    process.stderr.write(
      'millrace: The stage "local" is the laptop and is never deployed: name another with --stage, or set AWS_ENDPOINT_URL for a rehearsal. [STAGE_LOCAL]\n',
    );
    process.exit(1);
  }

  async #join(): Promise<JoinedCloud> {
    const ports = portsFromEnvironment(process.env);
    const { service, serviceDir } = this.#serverless;
    const offline = await configureOffline(this.#serverless, this.#cli, ports);
    const cloud = await findCloud({
      ports,
      stateDir: stateFolder(process.env, serviceDir ?? process.cwd()),
      supervised: this.#supervision?.active ?? false,
    });
    const client = createCloudClient(cloud.edgeUrl, service.service);
    const apiUrl = hasHttpEvents(service) ? apiAddress(offline) : undefined;
    const registered = await client.register(describeService(this.#serverless, apiUrl));
    return { cloud, client, registered, offline };
  }

  async #beforeStart(): Promise<void> {
    const joined = await this.#joining?.catch((error: unknown) => this.#fail(error));
    // `fail` ends the process in a moment; nothing may start meanwhile.
    if (!joined) return new Promise(() => {});
    this.#client = joined.client;
    this.#configureFunctions(joined);
    for (const warning of joined.registered.warnings) {
      this.#log?.warning(warning);
      this.#supervision?.tell({ kind: 'warning', text: warning });
    }
    const origin = joined.cloud.started ? 'started' : 'joined';
    this.#log?.notice(
      `Local cloud ${origin} at ${joined.cloud.edgeUrl} (state in ${joined.cloud.stateDir})`,
    );
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.prependListener(signal, () => void this.#leave());
    }
    this.#watchCloud(joined.cloud).catch((error: unknown) => this.#fail(error));
    this.#announce(joined).catch((error: unknown) => this.#fail(error));
  }

  #configureFunctions({ cloud, registered }: JoinedCloud): void {
    const { service } = this.#serverless;
    const aws = isolateFromAws(process.env, cloud.edgeUrl);
    // Never the developer's own DATABASE_URL: that may be another project's.
    // The first connection waits for the embedded one to start, half a minute where much else does.
    const embedded = `${cloud.postgresUrl}?connect_timeout=50`;
    const DATABASE_URL = process.env.MILLRACE_DATABASE_URL || embedded;
    for (const [key, declared] of Object.entries(service.functions ?? {})) {
      declared.environment = { ...registered.environment[key], ...aws, DATABASE_URL };
    }
    // Already merged into each function's environment, resolved.
    service.provider.environment = {};
    const authorizers = registered.resolved.authorizers;
    if (service.provider.httpApi?.authorizers && isRecord(authorizers)) {
      service.provider.httpApi.authorizers = authorizers;
    }
    removeSchedules(service);
  }

  /** Starts the functions' host, and tells the cloud of it as soon as serverless-offline listens. */
  async #announce({ client, offline }: JoinedCloud): Promise<void> {
    const ports = [offline.lambdaPort, offline.httpPort].filter((port) => port !== undefined);
    for (const port of ports) {
      while (!(await isListening(port, offline.host))) await sleep(30);
    }
    if (this.#leaving) return;
    this.#host = await startFunctionHost({
      functions: hostedFunctions(this.#serverless, this.#cli),
      onEnd: (invocation) => this.#logInvocation(invocation),
    });
    const apiUrl = offline.httpPort === undefined ? undefined : apiAddress(offline);
    await client.announce({
      lambdaUrl: this.#host.url,
      pid: process.pid,
      ...(apiUrl === undefined ? {} : { api: apiUrl }),
    });
    this.#supervision?.tell({ kind: 'ready', ...(apiUrl === undefined ? {} : { apiUrl }) });
    this.#log?.notice(
      `${this.#serverless.service.service} is ready${apiUrl ? ` at ${apiUrl}` : ''}`,
    );
  }

  /** In serverless-offline's words, which it has for the API's requests. */
  #logInvocation({ key, requestId, durationMs, error }: HostedInvocation): void {
    if (error !== undefined) this.#log?.error(`(λ: ${key}) RequestId: ${requestId}  ${error}`);
    const billed = Math.ceil(durationMs);
    this.#log?.notice(
      `(λ: ${key}) RequestId: ${requestId}  Duration: ${durationMs.toFixed(2)} ms  Billed Duration: ${billed} ms`,
    );
  }

  /** Functions without their cloud only fail: when it goes away, so does this process. */
  async #watchCloud({ edgeUrl, stateDir }: FoundCloud): Promise<void> {
    while (!this.#leaving) {
      await sleep(1_000, undefined, { ref: false });
      const probe = await probeCloud(edgeUrl, 30_000);
      if (probe.kind === 'none' && !this.#leaving) {
        throw new LocalCloudError(
          'CLOUD_GONE',
          `The local cloud at ${edgeUrl} has gone away (its log: ${stateDir}/logs/cloud.log): start this service again.`,
        );
      }
    }
  }

  async #leave(): Promise<void> {
    if (this.#leaving) return;
    this.#leaving = true;
    // The cloud may have ended first; it then knows already that nobody is here.
    await this.#client?.withdraw().catch(() => {});
    await this.#host?.close();
  }

  #fail(error: unknown): undefined {
    const known =
      error instanceof LocalCloudError
        ? error
        : new LocalCloudError(
            'PLUGIN_FAILED',
            `The service could not join the local cloud: ${error instanceof Error ? error.message : String(error)}`,
            { cause: error },
          );
    if (!this.#leaving) this.#supervision?.fail(known);
  }
}

function apiAddress({ host, httpPort }: OfflineAddresses): string {
  return `http://${host === '127.0.0.1' ? 'localhost' : host}:${httpPort}`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
