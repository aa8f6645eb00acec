import { localRegion, postgresUrl } from './addresses.ts';
import { type Clock, systemClock } from './clock.ts';
import { createCloseStack } from './close-stack.ts';
import { createCloudClock } from './cloud-clock.ts';
import { createRunners, type Runners } from './cloud-runners.ts';
import { createDynamoDbProxy, type DynamoDbProxy } from './edge/dynamodb-proxy.ts';
import { createEdge } from './edge/edge.ts';
import { createFront } from './edge/front.ts';
import { createInProcessRequestHandler } from './edge/in-process.ts';
import { createKinesisFront, type KinesisFront } from './edge/kinesis-front.ts';
import { createEdgeListener } from './edge/listener.ts';
import type { MillraceApi } from './edge/millrace-api.ts';
import { type Engines, startEngines } from './engines/engines.ts';
import { createPostgres } from './engines/postgres/postgres.ts';
import { createFaults, type FaultPlanInput, type Faults } from './faults/index.ts';
import { type AdmitRecord, admitByAll } from './kinesis/admission.ts';
import type { Log } from './lambda/index.ts';
import type { MovableClock } from './movable-clock.ts';
import { createPage, type Page } from './page/page.ts';
import type { CloudStatus } from './page/status.ts';
import { statusDocument } from './page/status-document.ts';
import { claimPort } from './port-owner.ts';
import { type CloudState, openState } from './state.ts';
import { lockState } from './state-lock.ts';

export interface CloudOptions {
  /** Folder of everything that is kept; made if it does not exist. */
  readonly stateDir: string;
  /** TCP ports; 0 takes a free one. */
  readonly edgePort: number;
  readonly mqttPort: number;
  /** MQTT over TLS; default: a free one. */
  readonly mqttsPort?: number;
  /** PostgreSQL; default: a free one. */
  readonly postgresPort?: number;
  /** The clock beneath the cloud's own, which can be moved ahead of it; default: the machine's. */
  readonly clock?: Clock & Partial<Pick<MovableClock, 'onAdvance'>>;
  readonly log?: Log;
  /** Delay before retry n of an asynchronous invocation; default: AWS's. */
  readonly asyncRetryDelaysMs?: readonly number[];
  /** A running DynamoDB to use instead of the embedded one. */
  readonly dynamodbEndpoint?: string;
  /** Whether the shards of Kinesis refuse what is above AWS's limits; default: they do. */
  readonly kinesisShardLimits?: boolean;
  /** Refuses records on their way into Kinesis, before the limits are asked. */
  readonly admitRecord?: AdmitRecord;
  /** What goes wrong on purpose, from the start; see docs/faults-and-time.md. */
  readonly faults?: FaultPlanInput;
}

export interface Cloud {
  readonly edgeUrl: string;
  readonly mqttUrl: string;
  readonly mqttsUrl: string;
  /** With user, password and database. */
  readonly postgresUrl: string;
  readonly ports: Readonly<Record<'edge' | 'mqtt' | 'mqtts' | 'postgres', number>>;
  readonly state: CloudState;
  /** The cloud's time, and the hand that moves it. */
  readonly clock: MovableClock;
  /** The fault plan: replaced, switched off and counted while the cloud runs. */
  readonly faults: Faults;
  /** What runs and how far it is, as `/_millrace/status` answers. */
  status(): CloudStatus;
  /** Resolves with one line when an engine ended by itself: the cloud must be closed then. */
  readonly failed: Promise<string>;
  close(): Promise<void>;
}

const silent: Log = { info() {}, warn() {} };

/**
 * Starts the whole local cloud in this process (but for the DynamoDB engine, its child).
 *
 * @throws LocalCloudError FAULTS_INVALID, STATE_UNWRITABLE, STATE_CORRUPT, STATE_IN_USE, PORT_TAKEN,
 *   DYNAMODB_HELD, DYNAMODB_FAILED; whatever was started by then is stopped again
 */
export async function startCloud(options: CloudOptions): Promise<Cloud> {
  const { log = silent } = options;
  const faults = createFaults(options.faults);
  const closing = createCloseStack();
  try {
    const state = openState(options.stateDir);
    // At the bottom: nobody else may have the folder before everything of it is closed.
    closing.add({ close: lockState(options.stateDir) });
    closing.add(state);
    const clock = createCloudClock(state, options.clock ?? systemClock);

    // The port first: the engines have to know the address. What asks too early is held.
    const front = createFront();
    const listener = createEdgeListener(front.handle);
    const edge = await claimPort(options.edgePort, listener.listen(options.edgePort));
    closing.add(listener);
    const edgeUrl = `http://127.0.0.1:${edge}`;

    const queueFaults = faults.queues;
    const engines = await startEngines({ ...options, state, edgeUrl, log, queueFaults }, closing);
    clock.onAdvance(engines.queues.advance);
    // The clock beneath may be one that tests move, and that outlives this cloud.
    const deafen = options.clock?.onAdvance?.(engines.queues.advance);
    if (deafen) closing.add({ close: deafen });
    const runners = createRunners(
      {
        ...{ ...options, state, clock, edgeUrl, log, engines, faults },
        edge: createInProcessRequestHandler(front.handle),
      },
      closing,
    );
    resumeServices(runners);
    closing.add(runners.tlsPort);
    closing.add(runners.broker);
    const mqtt = await claimPort(
      options.mqttPort,
      runners.broker.listen(
        options.mqttPort,
        (message) => runners.rules.process(message),
        runners.reserved,
      ),
    );
    const mqttsPort = options.mqttsPort ?? 0;
    const mqtts = await claimPort(mqttsPort, runners.tlsPort.listen(mqttsPort));
    const sql = closing.add(
      createPostgres({ stateDir: options.stateDir, log: (line) => log.info(line) }),
    );
    const postgresPort = options.postgresPort ?? 0;
    const postgres = await claimPort(postgresPort, sql.listen(postgresPort));

    const cloud: Cloud = {
      edgeUrl,
      mqttUrl: `mqtt://127.0.0.1:${mqtt}`,
      mqttsUrl: `mqtts://127.0.0.1:${mqtts}`,
      postgresUrl: postgresUrl(postgres),
      ports: { edge, mqtt, mqtts, postgres },
      ...{ state, clock, faults },
      status: () => statusOf(cloud, engines, runners),
      failed: engines.dynamoDb.failed.then(
        (reason) => `The DynamoDB engine ended by itself (${reason}).`,
      ),
      close: closing.close,
    };
    const { nudge, place } = runners;
    const { admitRecord, kinesisShardLimits: shardLimits = true } = options;
    const admit = admitByAll([faults.admitRecord, ...(admitRecord ? [admitRecord] : [])]);
    const { kinesis: engine } = engines;
    const kinesis = closing.add(
      createKinesisFront({ state, engine, nudge, clock, shardLimits, admit, ...place }),
    );
    const dynamoDb = closing.add(
      createDynamoDbProxy({ engine: engines.dynamoDb, region: localRegion, nudge }),
    );
    const page = closing.add(createPage(cloud.status));
    front.open(assembleEdge(cloud, engines, runners, { dynamoDb, kinesis, page }, log));
    return cloud;
  } catch (error) {
    await closing.close();
    throw error;
  }
}

/** What services declared last time works before they are back: their events queue up. */
function resumeServices({ provisioner, registry, triggers }: Runners): void {
  for (const { service, functions, triggers: declared } of provisioner.registered()) {
    registry.define(service, functions);
    triggers.apply(service, declared);
  }
}

function statusOf(cloud: Cloud, engines: Engines, runners: Runners) {
  return statusDocument({
    ...runners,
    addresses: {
      edge: cloud.edgeUrl,
      mqtt: cloud.mqttUrl,
      mqtts: cloud.mqttsUrl,
      postgres: cloud.postgresUrl,
    },
    clock: cloud.clock,
    faults: cloud.faults.status(),
    queues: engines.queues,
  });
}

function assembleEdge(
  cloud: Cloud,
  engines: Engines,
  runners: Runners,
  fronts: {
    readonly dynamoDb: DynamoDbProxy;
    readonly kinesis: KinesisFront;
    readonly page: Page;
  },
  log: Log,
) {
  const { place, invoker, async, registry, triggers, broker, things, shadows, s3, nudge } = runners;
  const { queues, cognito } = engines;
  const mappings = () => triggers.status();
  const lambda = { ...place, invoker, async, functions: registry, mappings };
  const millrace = { ...millraceApi(cloud, runners), page: fronts.page };
  return createEdge(
    {
      ...{ ...fronts, queues, cognito, s3, lambda, millrace, nudge, faults: cloud.faults },
      bus: broker,
      registry: things,
      shadows,
      accountId: place.accountId,
    },
    (line) => log.warn(line),
  );
}

function millraceApi(cloud: Cloud, runners: Runners): Omit<MillraceApi, 'page'> {
  const { services, provisioner, registry, triggers, things } = runners;
  return {
    ...{ status: cloud.status, clock: cloud.clock, faults: cloud.faults },
    authorityPem: things.authority.certificatePem,
    health: () => ({
      name: 'millrace',
      pid: process.pid,
      stateDir: cloud.state.dir,
      ports: cloud.ports,
    }),
    setEndpoint: services.setEndpoint,
    clearEndpoint: services.clearEndpoint,
    async register(registration) {
      const provisioned = await provisioner.register(registration);
      const { functions, triggers: declared, ...result } = provisioned;
      registry.define(registration.service, functions);
      triggers.apply(registration.service, declared);
      return result;
    },
  };
}
