import { localAccountId, localCredentials, localRegion } from './addresses.ts';
import { systemClock } from './clock.ts';
import type { CloseStack } from './close-stack.ts';
import { openExpiryIndex } from './dynamodb/expiry-index.ts';
import { createExpirySweeper } from './dynamodb/expiry-sweeper.ts';
import { openStreamTable } from './dynamodb/stream-table.ts';
import type { InProcessRequestHandler } from './edge/in-process.ts';
import { createServiceDirectory, type ServiceDirectory } from './edge/service-directory.ts';
import type { Engines } from './engines/engines.ts';
import type { Faults } from './faults/index.ts';
import { type Broker, createBroker } from './iot/broker.ts';
import { createTlsPort, type TlsPort } from './iot/connections/tls-port.ts';
import { createProvisioning } from './iot/provisioning/provisioning.ts';
import { createRegistry, type Registry } from './iot/registry/registry.ts';
import { combineReservedTopics, type ReservedTopics } from './iot/reserved-topics.ts';
import { createShadowTopics } from './iot/shadows/shadow-topics.ts';
import { createShadows, type Shadows } from './iot/shadows/shadows.ts';
import { createTopicRules, type TopicRules } from './iot/topic-rules.ts';
import {
  type AsyncInvocationsRunner,
  createAsyncInvocations,
  createFunctionRegistry,
  createInvoker,
  type FunctionRegistry,
  type Log,
} from './lambda/index.ts';
import { createMessageSink } from './message-sink.ts';
import type { MovableClock } from './movable-clock.ts';
import type { FunctionInvoker, Nudge } from './ports.ts';
import { createEngineCalls } from './resources/aws-json.ts';
import { createProvisioner, type Provisioner } from './resources/index.ts';
import { createS3 } from './s3/index.ts';
import type { CloudState } from './state.ts';
import { createTriggerRunner, type LocalTriggerRunner } from './triggers/index.ts';

/** Everything between the engines and the services: what runs functions, and what makes it run. */
export interface Runners {
  readonly place: { readonly region: string; readonly accountId: string };
  readonly registry: FunctionRegistry;
  readonly invoker: FunctionInvoker;
  readonly async: AsyncInvocationsRunner;
  readonly broker: Broker;
  readonly rules: TopicRules;
  readonly tlsPort: TlsPort;
  readonly things: Registry;
  readonly shadows: Shadows;
  /** AWS's own MQTT topics. */
  readonly reserved: ReservedTopics;
  readonly triggers: LocalTriggerRunner;
  readonly s3: ReturnType<typeof createS3>;
  readonly provisioner: Provisioner;
  readonly services: ServiceDirectory;
  readonly nudge: Nudge;
}

/**
 * Every write passes the edge, which tells the mapping at once. Shards are read all the same, in
 * case that was lost, but no more often than a laptop at rest can bear.
 */
const IDLE_POLL_MS = 4_000;

export function createRunners(
  options: {
    readonly state: CloudState;
    readonly clock: MovableClock;
    readonly edgeUrl: string;
    readonly edge: InProcessRequestHandler;
    readonly log: Log;
    readonly engines: Engines;
    readonly faults: Faults;
    readonly asyncRetryDelaysMs?: readonly number[];
  },
  closing: CloseStack,
): Runners {
  const { state, clock, edgeUrl, edge, log, engines, faults, asyncRetryDelaysMs } = options;
  const place = { region: localRegion, accountId: localAccountId };
  const calls = createEngineCalls(edgeUrl, localRegion);
  const sink = createMessageSink(calls, edgeUrl);
  const registry = createFunctionRegistry();
  const services = closing.add(createServiceDirectory(registry));
  // A function runs in the machine's time: to skip a week is no reason to time it out.
  const functions = closing.add(createInvoker({ registry, clock: systemClock }));
  const invoker = faults.invoker(functions, systemClock);
  const async = createAsyncInvocations({
    ...{ state, clock, invoker, registry, sink, log, arrivalDelays: faults.arrivalDelays },
    ...(asyncRetryDelaysMs && { retryDelaysMs: asyncRetryDelaysMs }),
  });
  closing.add({ close: async.stop });

  const warn = (line: string) => log.warn(line);
  const things = createRegistry({ state, clock, ...place });
  const broker = createBroker({ state, clock, registry: things, log: warn });
  const shadows = createShadows(state, clock);
  const provisioning = closing.add(
    createProvisioning({
      ...{ state, clock, functionClock: systemClock, registry: things, invoker, log: warn },
    }),
  );
  const shadowTopics = createShadowTopics({
    ...{ shadows, clock },
    publish: (topic, payload) => broker.publish(topic, payload, 1),
  });
  const reserved = combineReservedTopics([shadowTopics, provisioning.topics]);
  const tlsPort = createTlsPort({
    ...{ authority: things.authority, log: warn },
    connected: broker.accept,
  });
  const rules = createTopicRules({
    ...{ state, clock, async, sink, bus: broker, log: warn, region: localRegion },
    async putRecord(StreamName, PartitionKey, data) {
      const Data = data.toString('base64');
      await calls.call('Kinesis_20131202.PutRecord', { StreamName, PartitionKey, Data });
    },
  });
  const { databaseFile } = engines.dynamoDb;
  const streams = databaseFile && closing.add(openStreamTable(databaseFile, clock));
  const triggers = createTriggerRunner({
    ...{ state, clock, registry, invoker, async, sink, log, topicRules: rules },
    endpoints: { edgeUrl, edge },
    kinesis: engines.kinesis.log,
    ...(streams && { streams }),
    idlePollMs: {
      kinesis: IDLE_POLL_MS,
      // A database that others may write to tells nobody.
      ...(databaseFile !== undefined && { dynamodb: IDLE_POLL_MS }),
    },
  });
  closing.add({ close: triggers.stop });
  const s3 = closing.add(
    createS3({
      ...{ state, clock, ...place },
      credentials: new Map([[localCredentials.accessKeyId, localCredentials.secretAccessKey]]),
      onEvent: (event) => triggers.notify(event),
    }),
  );
  if (databaseFile !== undefined) {
    const index = openExpiryIndex(databaseFile);
    closing.add(createExpirySweeper({ index, calls, clock, log: warn })).start();
  }
  const provisioner = createProvisioner({
    ...{ state, edgeUrl, ...place },
    buckets: {
      async ensureBucket(name, { versioning, ...settings }) {
        s3.createBucket(name, { versioning: versioning === 'Enabled', ...settings });
      },
    },
    iot: { ensurePolicy: things.policies.ensure, ensureTemplate: provisioning.templates.ensure },
    issuerUrl: (poolId) => engines.cognito.issuer(poolId),
  });
  return {
    ...{
      place,
      registry,
      invoker,
      async,
      broker,
      tlsPort,
      rules,
      things,
      shadows,
      reserved,
      triggers,
      s3,
      provisioner,
      services,
    },
    nudge: (source) => triggers.nudge(source),
  };
}
