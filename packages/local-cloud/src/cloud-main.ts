import { resolve } from 'node:path';
import { portsFromEnvironment } from './addresses.ts';
import { type Cloud, startCloud } from './cloud.ts';
import { LocalCloudError } from './errors.ts';
import { readFaultPlan } from './faults/index.ts';
import type { Log } from './lambda/index.ts';
import { preferredPort } from './plugin/free-port.ts';
import { asyncRetryDelaysMs } from './settings.ts';

/**
 * The local cloud as a process. Environment: `MILLRACE_STATE_DIR` (default `.local`),
 * `MILLRACE_PORT_OFFSET` (and what addresses.ts names), `MILLRACE_DYNAMODB_ENDPOINT`,
 * `MILLRACE_SHARD_LIMITS` (`off`: Kinesis shards take any rate, for measuring).
 * Ends on SIGINT, SIGTERM, and when the process that started it with a channel is gone.
 */
const log: Log = {
  info: (line) => console.log(line),
  warn: (line) => console.warn(line),
};

let cloud: Cloud | undefined;
let ending = false;

/** Ends the process: cleanly if it can within the grace, in any case soon. */
async function end(code: number): Promise<void> {
  if (ending) return;
  ending = true;
  const late = setTimeout(() => process.exit(code || 1), CLOSE_GRACE_MS);
  try {
    await cloud?.close();
  } catch (error) {
    console.error(`millrace: the local cloud did not close cleanly: ${oneLine(error)}`);
    process.exit(code || 1);
  }
  clearTimeout(late);
  process.exit(code);
}

const CLOSE_GRACE_MS = 10_000;

function fail(error: unknown): void {
  const detail = error instanceof LocalCloudError ? error.code : origin(error);
  console.error(`millrace: ${oneLine(error)}${detail && ` [${detail}]`}`);
  void end(1);
}

function oneLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n', 1)[0] ?? '';
}

/** Where an error comes from that nobody foresaw: one place, for whoever reports it. */
function origin(error: unknown): string {
  const stack = error instanceof Error ? error.stack : undefined;
  return /([\w.-]+\/[\w.-]+:\d+:\d+)\)?$/m.exec(stack ?? '')?.[1] ?? '';
}

process.on('SIGINT', () => void end(0));
process.on('SIGTERM', () => void end(0));
process.on('disconnect', () => void end(0));
process.on('uncaughtException', fail);
process.on('unhandledRejection', fail);

async function main(): Promise<void> {
  const { edge, mqtt, mqtts, postgres } = portsFromEnvironment(process.env);
  const endpoint = process.env.MILLRACE_DYNAMODB_ENDPOINT;
  const faultsFile = process.env.MILLRACE_FAULTS;
  const faults = faultsFile ? readFaultPlan(resolve(faultsFile)) : undefined;
  const retryDelaysMs = asyncRetryDelaysMs(process.env);
  const started = await startCloud({
    stateDir: resolve(process.env.MILLRACE_STATE_DIR || '.local'),
    edgePort: edge,
    mqttPort: mqtt,
    mqttsPort: mqtts,
    postgresPort: await preferredPort(postgres),
    log,
    kinesisShardLimits: process.env.MILLRACE_SHARD_LIMITS !== 'off',
    ...(endpoint && { dynamodbEndpoint: endpoint }),
    ...(faults && { faults }),
    ...(retryDelaysMs && { asyncRetryDelaysMs: retryDelaysMs }),
  });
  cloud = started;
  void started.failed.then((reason) => {
    fail(new LocalCloudError('DYNAMODB_ENDED', `${reason} Start the local cloud again.`));
  });
  if (faults) log.info(`millrace: faults are injected: seed ${faults.seed}, ${faultsFile}`);
  log.info(
    `millrace: local cloud ready at ${started.edgeUrl}, MQTT at ${started.mqttUrl} and ${started.mqttsUrl}, PostgreSQL at ${started.postgresUrl}, state in ${started.state.dir}`,
  );
}

main().catch(fail);
