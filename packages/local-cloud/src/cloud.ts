import type { IncomingMessage, ServerResponse } from 'node:http';
import { localAccountId, localCredentials, localRegion } from './addresses.ts';
import { type Clock, systemClock } from './clock.ts';
import { createDynamoDbProxy } from './edge/dynamodb-proxy.ts';
import { createEdge } from './edge/edge.ts';
import { createEdgeListener } from './edge/listener.ts';
import { createServiceDirectory } from './edge/service-directory.ts';
import { startCognito } from './engines/cognito.ts';
import { startDynamoDb } from './engines/dynamodb.ts';
import { startKinesis } from './engines/kinesis.ts';
import { startQueues } from './engines/queues.ts';
import { createBroker } from './iot/broker.ts';
import { createTopicRules } from './iot/topic-rules.ts';
import {
  createAsyncInvocations,
  createFunctionRegistry,
  createInvoker,
  type Log,
} from './lambda/index.ts';
import { createMessageSink } from './message-sink.ts';
import { claimPort } from './port-owner.ts';
import type { Nudge } from './ports.ts';
import { createEngineCalls } from './resources/aws-json.ts';
import { createProvisioner } from './resources/index.ts';
import { createS3 } from './s3/index.ts';
import { type CloudState, openState } from './state.ts';
import { lockState } from './state-lock.ts';
import { createTriggerRunner } from './triggers/index.ts';

export interface CloudOptions {
  /** Folder of everything that is kept; made if it does not exist. */
  readonly stateDir: string;
  /** TCP ports; 0 takes a free one. */
  readonly edgePort: number;
  readonly mqttPort: number;
  readonly clock?: Clock;
  readonly log?: Log;
  /** Delay before retry n of an asynchronous invocation; default: AWS's. */
  readonly asyncRetryDelaysMs?: readonly number[];
  /** A running DynamoDB to use instead of the embedded one. */
  readonly dynamodbEndpoint?: string;
}

export interface Cloud {
  readonly edgeUrl: string;
  readonly mqttUrl: string;
  readonly ports: { readonly edge: number; readonly mqtt: number };
  readonly state: CloudState;
  /** What runs and how far it is, as `/_millrace/status` answers. */
  status(): Record<string, unknown>;
  /** Resolves with one line when an engine ended by itself: the cloud must be closed then. */
  readonly failed: Promise<string>;
  close(): Promise<void>;
}

/**
 * Starts the whole local cloud in this process (but for the DynamoDB engine, its child).
 *
 * @throws LocalCloudError STATE_UNWRITABLE, STATE_CORRUPT, STATE_IN_USE, PORT_TAKEN,
 *   DYNAMODB_HELD, DYNAMODB_FAILED; whatever was started by then is stopped again
 */
export async function startCloud(options: CloudOptions): Promise<Cloud> {
  const stack: (() => unknown)[] = [];
  const closeAll = async () => {
    for (let close = stack.pop(); close; close = stack.pop()) await close();
  };
  try {
    return await assemble(options, stack, closeAll);
  } catch (error) {
    await closeAll();
    throw error;
  }
}

const silent: Log = { info() {}, warn() {} };

/** Each part puts how it is closed on `stack`: they close in the opposite order. */
async function assemble(
  options: CloudOptions,
  stack: (() => unknown)[],
  closeAll: () => Promise<void>,
): Promise<Cloud> {
  const { clock = systemClock, log = silent } = options;
  const warn = (line: string) => log.warn(line);
  const place = { region: localRegion, accountId: localAccountId };

  const state = openState(options.stateDir);
  stack.push(() => state.close());
  // At the bottom: nobody else may have the folder before everything of it is closed.
  stack.unshift(lockState(options.stateDir));

  const front = createFront();
  const listener = createEdgeListener(front.handle);
  const edgePort = await claimPort(options.edgePort, listener.listen(options.edgePort));
  stack.push(() => listener.close());
  const edgeUrl = `http://127.0.0.1:${edgePort}`;

  const kinesis = startKinesis({ state, ...place });
  stack.push(() => kinesis.close());
  const [dynamoDb, queues, cognito] = await settled(
    startDynamoDb({
      state,
      log: warn,
      ...(options.dynamodbEndpoint && { endpoint: options.dynamodbEndpoint }),
    }).then((engine) => pushed(stack, engine)),
    startQueues({ state, edgeUrl, ...place }).then((engine) => pushed(stack, engine)),
    startCognito({ state, edgeUrl, log: (line) => log.info(line) }),
  );

  const calls = createEngineCalls(edgeUrl, localRegion);
  const sink = createMessageSink(calls, edgeUrl);
  const registry = createFunctionRegistry();
  const invoker = createInvoker({ registry, clock });
  stack.push(() => invoker.close());
  const async = createAsyncInvocations({
    ...{ state, clock, invoker, registry, sink, log },
    ...(options.asyncRetryDelaysMs && { retryDelaysMs: options.asyncRetryDelaysMs }),
  });
  stack.push(() => async.stop());
  const broker = createBroker({ state, clock, log: warn });
  const rules = createTopicRules({
    ...{ state, clock, async, sink, bus: broker, log: warn, region: localRegion },
    putRecord: async (StreamName, PartitionKey, data) => {
      const Data = data.toString('base64');
      await calls.call('Kinesis_20131202.PutRecord', { StreamName, PartitionKey, Data });
    },
  });
  const triggers = createTriggerRunner({
    ...{ state, clock, registry, invoker, async, sink, log },
    endpoints: { edgeUrl },
    topicRules: rules,
  });
  stack.push(() => triggers.stop());
  const nudge: Nudge = (source) => triggers.nudge(source);

  const s3 = createS3({
    ...{ state, clock, ...place },
    credentials: new Map([[localCredentials.accessKeyId, localCredentials.secretAccessKey]]),
    onEvent: (event) => triggers.notify(event),
  });
  stack.push(() => s3.close());
  const provisioner = createProvisioner({
    ...{ state, edgeUrl, ...place },
    buckets: {
      ensureBucket: async (name, { versioning, cors }) => {
        await s3.createBucket(name, { versioning: versioning === 'Enabled', cors });
      },
    },
    issuerUrl: (poolId) => cognito.issuer(poolId),
  });
  const proxy = createDynamoDbProxy({ url: dynamoDb.url, region: localRegion, nudge });
  stack.push(() => proxy.close());
  const services = createServiceDirectory(registry);
  stack.push(() => services.close());

  // What services declared last time works before they are back: their events queue up.
  for (const { service, functions, triggers: declared } of provisioner.registered()) {
    registry.define(service, functions);
    triggers.apply(service, declared);
  }
  stack.push(() => broker.close());
  const mqttPort = await claimPort(
    options.mqttPort,
    broker.listen(options.mqttPort, (message) => rules.process(message)),
  );
  const ports = { edge: edgePort, mqtt: mqttPort };
  const status = () => ({
    addresses: { edge: edgeUrl, mqtt: `mqtt://127.0.0.1:${mqttPort}` },
    services: services.status(),
    mappings: triggers.status(),
    topicRules: rules.status(),
    asynchronousInvocations: async.status(),
    mqttClients: broker.clients(),
  });

  front.open(
    createEdge(
      {
        ...{ kinesis, queues, cognito, s3, nudge, bus: broker, dynamoDb: proxy },
        accountId: localAccountId,
        lambda: {
          ...{ ...place, invoker, async, functions: registry },
          mappings: () => triggers.status(),
        },
        millrace: {
          status,
          health: () => ({ name: 'millrace', pid: process.pid, stateDir: state.dir, ports }),
          setEndpoint: (service, endpoint) => services.setEndpoint(service, endpoint),
          clearEndpoint: (service) => services.clearEndpoint(service),
          async register(registration) {
            const {
              functions,
              triggers: declared,
              ...result
            } = await provisioner.register(registration);
            registry.define(registration.service, functions);
            triggers.apply(registration.service, declared);
            return result;
          },
        },
      },
      warn,
    ),
  );
  return {
    edgeUrl,
    mqttUrl: `mqtt://127.0.0.1:${mqttPort}`,
    ports,
    state,
    status,
    failed: dynamoDb.failed.then((reason) => `The DynamoDB engine ended by itself (${reason}).`),
    close: closeAll,
  };
}

/** Holds requests that come while the cloud starts, and answers them when it is ready. */
function createFront() {
  type Handle = (request: IncomingMessage, response: ServerResponse) => void;
  const ready = Promise.withResolvers<Handle>();
  let open: Handle | undefined;
  return {
    handle: (request: IncomingMessage, response: ServerResponse) => {
      if (open) open(request, response);
      else void ready.promise.then((handle) => handle(request, response));
    },
    open(handle: Handle) {
      open = handle;
      ready.resolve(handle);
    },
  };
}

function pushed<T extends { close(): unknown }>(stack: (() => unknown)[], part: T): T {
  stack.push(() => part.close());
  return part;
}

/** Waits for all, also when one fails: what starts must be on the stack before it is closed. */
async function settled<T extends readonly unknown[]>(
  ...starts: { readonly [K in keyof T]: Promise<T[K]> }
): Promise<T> {
  await Promise.allSettled(starts);
  return (await Promise.all(starts)) as unknown as T;
}
