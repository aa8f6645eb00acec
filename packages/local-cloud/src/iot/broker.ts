import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { Aedes, type AuthenticateError, type Client, type PublishPacket } from 'aedes';
import type { Clock } from '../clock.ts';
import type { MessageBus } from '../ports.ts';
import type { CloudState } from '../state.ts';
import { createAcceptedMessages } from './accepted-messages.ts';
import { createGuard } from './connections/guard.ts';
import type { Identity } from './connections/identity.ts';
import { makeSessionsDurable, type SessionPersistence } from './durable-sessions.ts';
import { watchLifecycle } from './lifecycle.ts';
import { MAX_PAYLOAD_BYTES, topicProblem } from './limits.ts';
import { createPresence } from './presence.ts';
import type { Registry } from './registry/registry.ts';
import { noReservedTopics, type ReservedTopics } from './reserved-topics.ts';
import { createRetainedMessages } from './retained-messages.ts';
import { createSessionStore } from './session-store.ts';
import { topicMatches } from './topic-filter.ts';
import type { RuleMessage } from './topic-rules.ts';

export interface Broker extends MessageBus {
  /** Publishes the message of a republish action. */
  republish(topic: string, payload: Buffer, qos: 0 | 1, hops: number): Promise<void>;
  /**
   * Opens the MQTT port and resolves with it. From now on messages are given to `rules` first, and
   * those to AWS's own topics to `reserved`. Rejects with Node's error (`EADDRINUSE`).
   */
  listen(
    port: number,
    rules: (message: RuleMessage) => Promise<void>,
    reserved?: ReservedTopics,
  ): Promise<number>;
  /** Takes a connection over. With an identity, its certificate's policies say what it may do. */
  accept(connection: Duplex, identity?: Identity): void;
  clients(): number;
  /** Disconnects everybody (their presence is told) and closes the port. */
  close(): Promise<void>;
}

/**
 * The MQTT broker (3.1.1, QoS 0 and 1) with IoT Core's limits, policies, lifecycle events and topic
 * rules.
 *
 * A message is acknowledged only after every rule has taken it durably: aedes answers PUBLISH with
 * PUBACK once `authorizePublish` has called back, and that is where the rules run and the message is
 * noted for those who are offline. Retained messages and persistent sessions survive a restart.
 */
export function createBroker(options: {
  readonly state: CloudState;
  readonly clock: Clock;
  readonly registry: Registry;
  readonly log: (line: string) => void;
}): Broker {
  const { state, clock, registry, log } = options;
  const retained = createRetainedMessages(state);
  const sessions = createSessionStore(state);
  const accepted = createAcceptedMessages(state);
  const guard = createGuard(registry);
  const identities = new WeakMap<object, Identity>();
  let runRules: (message: RuleMessage) => Promise<void> = async () => {};
  let reserved = noReservedTopics;
  /** While a service answers a connection: nobody else may hear what is private. */
  let isAnswering = false;

  const aedes = new Aedes({
    authenticate(client, _username, _password, done) {
      const problem = connectProblem(client);
      if (problem) {
        log(`iot: client ${client.id} is not let in: ${problem}`);
        done(notAuthorized(), false);
        return;
      }
      const former = connectedClient(client.id);
      if (former) lifecycle.expectEnd(former, 'DUPLICATE_CLIENTID');
      done(null, true);
    },
    authorizePublish: (client, packet, done) => {
      accept(client, packet).then(
        () => done(null),
        (error: Error) => done(error),
      );
    },
    authorizeSubscribe: (client, subscription, done) => {
      if (!allows(client, 'Subscribe', subscription.topic)) {
        log(`iot: no policy lets client ${client.id} subscribe to ${subscription.topic}`);
        done(null, null);
        return;
      }
      // Like IoT Core, which grants QoS 1 to those who ask for 2.
      done(null, { ...subscription, qos: subscription.qos === 2 ? 1 : subscription.qos });
    },
    authorizeForward: (client, packet) => {
      const isHidden = reserved.isPrivate(packet.topic) && !isAnswering;
      return isHidden || !allows(client, 'Receive', packet.topic) ? null : packet;
    },
  });
  const lifecycle = watchLifecycle(aedes, {
    ...{ presence: createPresence(state, clock), sessions, clock, log },
    async publish({ topic, payload }) {
      await runRules({ topic, payload, hops: 0 });
      await deliver(topic, payload, 0);
    },
    certificateIdOf: (client) => identityOf(client)?.certificateId,
  });
  const tcp = createServer((socket: Socket) => aedes.handle(socket));

  // Made inactive while it was let in: it was not among the clients then.
  aedes.on('clientReady', (client) => {
    if (connectProblem(client)) end(client);
  });
  registry.certificates.onDeactivated((certificateId) => {
    for (const client of Object.values(connectedClients())) {
      if (identityOf(client)?.certificateId === certificateId) end(client);
    }
  });

  function end(client: Client): void {
    lifecycle.expectEnd(client, 'AUTH_ERROR');
    client.close();
  }

  function connectedClients(): Record<string, Client> {
    return (aedes as unknown as { clients: Record<string, Client> }).clients;
  }

  function connectedClient(id: string): Client | undefined {
    return connectedClients()[id];
  }

  function identityOf(client: Client): Identity | undefined {
    return identities.get(client.conn);
  }

  function connectProblem(client: Client): string | undefined {
    const identity = identityOf(client);
    return identity && guard.connectProblem(identity, client.id);
  }

  function allows(
    client: Client,
    action: 'Publish' | 'RetainPublish' | 'Subscribe' | 'Receive',
    topic: string,
  ): boolean {
    const identity = identityOf(client);
    return !identity || guard.allows(identity, client.id, action, topic);
  }

  async function accept(client: Client | null, packet: PublishPacket): Promise<void> {
    const { topic, retain } = packet;
    const payload = Buffer.from(packet.payload);
    const problem = packetProblem(packet, payload);
    if (problem) throw new ClientMistake(problem);
    if (client) authorize(client, topic, retain);
    if (retain) retained.store(topic, payload, packet.qos === 0 ? 0 : 1);
    await runRules({ topic, payload, clientId: client?.id, hops: 0 });
    if (reserved.serves(topic)) await serve(client, topic, payload);
    if (packet.qos === 1) await noteForSessions(packet);
  }

  function packetProblem(packet: PublishPacket, payload: Buffer): string | undefined {
    if (packet.qos === 2) return 'QoS 2 is not offered';
    if (payload.length > MAX_PAYLOAD_BYTES)
      return `more than ${MAX_PAYLOAD_BYTES} bytes of payload`;
    return reserved.serves(packet.topic) ? undefined : topicProblem(packet.topic);
  }

  function authorize(client: Client, topic: string, retain: boolean): void {
    const actions = retain ? (['Publish', 'RetainPublish'] as const) : (['Publish'] as const);
    const missing = actions.find((action) => !allows(client, action, topic));
    if (!missing) return;
    lifecycle.expectEnd(client, 'AUTH_ERROR');
    log(`iot: client ${client.id} is disconnected: no policy allows iot:${missing} to ${topic}`);
    throw new ClientMistake(`not allowed to publish to ${topic}`);
  }

  async function serve(client: Client | null, topic: string, payload: Buffer): Promise<void> {
    const identity = client ? identityOf(client) : undefined;
    const reply = client && { reply: replyTo(client) };
    await reserved.handle({ topic, payload, clientId: client?.id, identity, ...reply });
  }

  /** Like any message, the answer comes only to who subscribed to its topic. */
  function replyTo(client: Client): (topic: string, payload: Buffer) => void {
    return (topic, payload) => {
      const { subscriptions } = client as unknown as { subscriptions: Record<string, unknown> };
      if (!Object.keys(subscriptions).some((filter) => topicMatches(filter, topic))) return;
      const packet = { cmd: 'publish', topic, payload, qos: 0, retain: false, dup: false } as const;
      // Asks authorizeForward before it returns.
      isAnswering = true;
      client.publish(packet, () => {});
      isAnswering = false;
    };
  }

  /** Its PUBACK goes out before aedes queues it; nothing is noted when nobody could miss it. */
  async function noteForSessions({ topic, payload, retain }: PublishPacket): Promise<void> {
    const waiting = await persistence().subscriptionsByTopic(topic);
    if (waiting.length > 0 && Buffer.isBuffer(payload)) accepted.note({ topic, payload, retain });
  }

  function persistence(): SessionPersistence {
    return (aedes as unknown as { persistence: SessionPersistence }).persistence;
  }

  function deliver(topic: string, payload: Buffer, qos: 0 | 1, retain = false): Promise<void> {
    return new Promise((resolve, reject) => {
      const packet = { cmd: 'publish', topic, payload, qos, retain, dup: false } as const;
      aedes.publish(packet, (error) => (error ? reject(error) : resolve()));
    });
  }

  return {
    async publish(topic, payload, qos) {
      const bytes = Buffer.from(payload);
      await runRules({ topic, payload: bytes, hops: 0 });
      if (reserved.serves(topic)) await serve(null, topic, bytes);
      await deliver(topic, bytes, qos);
    },
    async republish(topic, payload, qos, hops) {
      const problem = topicProblem(topic);
      if (problem) throw new Error(`Cannot republish to "${topic}": ${problem}.`);
      await runRules({ topic, payload, hops });
      await deliver(topic, payload, qos);
    },
    async listen(port, rules, services = noReservedTopics) {
      runRules = rules;
      reserved = services;
      await aedes.listen();
      const granted = ({ id }: { id: string }, topic: string) => {
        const client = connectedClient(id);
        return !client || allows(client, 'Subscribe', topic);
      };
      await makeSessionsDurable(persistence(), { store: sessions, accepted, clock, granted });
      for (const message of retained.all()) {
        await deliver(message.topic, message.payload, message.qos, true);
      }
      for (const { topic, payload, retain } of accepted.left()) {
        await deliver(topic, payload, 1, retain);
      }
      lifecycle.recover();
      tcp.listen(port, '127.0.0.1');
      await once(tcp, 'listening');
      const address = tcp.address();
      if (!address || typeof address === 'string') throw new Error('the broker has no TCP port');
      return address.port;
    },
    accept(connection, identity) {
      if (identity) identities.set(connection, identity);
      aedes.handle(connection);
    },
    clients: () => aedes.connectedClients ?? 0,
    async close() {
      lifecycle.beginClosing();
      const closed = tcp.listening ? once(tcp, 'close') : undefined;
      tcp.close();
      if (!aedes.closed) await new Promise<void>((resolve) => aedes.close(resolve));
      await closed;
      await lifecycle.settled();
    },
  };
}

/** A client that breaks the protocol's or IoT Core's rules; it is disconnected, as there. */
class ClientMistake extends Error {}

/** Of MQTT 3.1.1's return codes, "not authorized". */
function notAuthorized(): AuthenticateError {
  return Object.assign(new Error('not authorized'), { returnCode: 5 });
}
