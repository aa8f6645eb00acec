import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { Aedes, type Client, type PublishPacket } from 'aedes';
import type { Clock } from '../clock.ts';
import type { MessageBus } from '../ports.ts';
import type { CloudState } from '../state.ts';
import { createAcceptedMessages } from './accepted-messages.ts';
import { makeSessionsDurable, type SessionPersistence } from './durable-sessions.ts';
import { MAX_PAYLOAD_BYTES, topicProblem } from './limits.ts';
import { createPresence, type DisconnectReason, type PresenceEvent } from './presence.ts';
import { createRetainedMessages } from './retained-messages.ts';
import { createSessionStore } from './session-store.ts';
import type { RuleMessage } from './topic-rules.ts';

export interface Broker extends MessageBus {
  /** Publishes the message of a republish action. */
  republish(topic: string, payload: Buffer, qos: 0 | 1, hops: number): Promise<void>;
  /**
   * Opens the MQTT port and resolves with it. From now on messages are given to `rules` first.
   * Rejects with Node's error (`EADDRINUSE`).
   */
  listen(port: number, rules: (message: RuleMessage) => Promise<void>): Promise<number>;
  clients(): number;
  /** Disconnects everybody (their presence is told) and closes the port. */
  close(): Promise<void>;
}

/**
 * The MQTT broker (3.1.1, QoS 0 and 1) with IoT Core's limits, lifecycle events and topic rules.
 *
 * A message is acknowledged only after every rule has taken it durably: aedes answers PUBLISH with
 * PUBACK once `authorizePublish` has called back, and that is where the rules run and the message is
 * noted for those who are offline. Retained messages and persistent sessions survive a restart.
 */
export function createBroker(options: {
  readonly state: CloudState;
  readonly clock: Clock;
  readonly log: (line: string) => void;
}): Broker {
  const { state, clock, log } = options;
  const presence = createPresence(state, clock);
  const retained = createRetainedMessages(state);
  const sessions = createSessionStore(state);
  const accepted = createAcceptedMessages(state);
  const reasons = new WeakMap<Client, DisconnectReason>();
  const events = new Set<Promise<void>>();
  let runRules: (message: RuleMessage) => Promise<void> = async () => {};
  let closing = false;

  const aedes = new Aedes({
    authorizePublish: (client, packet, done) => {
      accept(client, packet).then(
        () => done(null),
        (error: Error) => done(error),
      );
    },
    authorizeSubscribe: (_, subscription, done) => {
      // Like IoT Core, which grants QoS 1 to those who ask for 2.
      done(null, { ...subscription, qos: subscription.qos === 2 ? 1 : subscription.qos });
    },
    preConnect: (_, packet, done) => {
      const former = packet.clientId ? connectedClient(packet.clientId) : undefined;
      if (former) reasons.set(former, 'DUPLICATE_CLIENTID');
      done(null, true);
    },
  });
  const tcp = createServer((socket: Socket) => aedes.handle(socket));

  function connectedClient(id: string): Client | undefined {
    return (aedes as unknown as { clients: Record<string, Client> }).clients[id];
  }

  async function accept(client: Client | null, packet: PublishPacket): Promise<void> {
    const payload = Buffer.from(packet.payload);
    const problem = packetProblem(packet, payload);
    if (problem) throw new ClientMistake(problem);
    if (packet.retain) retained.store(packet.topic, payload, packet.qos === 0 ? 0 : 1);
    await runRules({ topic: packet.topic, payload, clientId: client?.id, hops: 0 });
    if (packet.qos === 1) await noteForSessions(packet);
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

  function announce(event: PresenceEvent | undefined): void {
    if (!event) return;
    const { topic, payload } = event;
    const done = runRules({ topic, payload, hops: 0 })
      .then(() => deliver(topic, payload, 0))
      .catch((error: unknown) => log(`iot: no lifecycle event on ${topic}: ${String(error)}`))
      .finally(() => events.delete(done));
    events.add(done);
  }

  aedes.on('clientReady', (client) => {
    announce(presence.connected(client.id, addressOf(client)));
    // Lost while it was welcomed: its `clientDisconnect` came before, when nobody was connected yet.
    if (client.closed) announceEnd(client);
  });
  aedes.on('keepaliveTimeout', (client) => reasons.set(client, 'MQTT_KEEP_ALIVE_TIMEOUT'));
  aedes.on('clientError', (client, error) => {
    // A system error is the network's doing, anything else the client's.
    const networkError = (error as NodeJS.ErrnoException).syscall !== undefined;
    if (networkError || reasons.has(client)) return;
    reasons.set(client, 'CLIENT_ERROR');
    log(`iot: client ${client.id} is disconnected: ${error.message}`);
  });
  aedes.on('clientDisconnect', (client) => {
    sessions.setEnded(client.id, clock.now());
    announceEnd(client);
  });

  /** Tells the end of a session that is open, and of no other. */
  function announceEnd(client: Client): void {
    announce(presence.disconnected(client.id, disconnectReason(client)));
  }

  function disconnectReason(client: Client): DisconnectReason {
    if (saidGoodbye(client)) return 'CLIENT_INITIATED_DISCONNECT';
    const known = reasons.get(client);
    if (known) return known;
    return closing ? 'SERVER_INITIATED_DISCONNECT' : 'CONNECTION_LOST';
  }

  return {
    async publish(topic, payload, qos) {
      const bytes = Buffer.from(payload);
      await runRules({ topic, payload: bytes, hops: 0 });
      await deliver(topic, bytes, qos);
    },
    async republish(topic, payload, qos, hops) {
      const problem = topicProblem(topic);
      if (problem) throw new Error(`Cannot republish to "${topic}": ${problem}.`);
      await runRules({ topic, payload, hops });
      await deliver(topic, payload, qos);
    },
    async listen(port, rules) {
      runRules = rules;
      await aedes.listen();
      await makeSessionsDurable(persistence(), { store: sessions, accepted, clock });
      for (const message of retained.all()) {
        await deliver(message.topic, message.payload, message.qos, true);
      }
      for (const { topic, payload, retain } of accepted.left()) {
        await deliver(topic, payload, 1, retain);
      }
      for (const event of presence.recover()) announce(event);
      tcp.listen(port, '127.0.0.1');
      await once(tcp, 'listening');
      const address = tcp.address();
      if (!address || typeof address === 'string') throw new Error('the broker has no TCP port');
      return address.port;
    },
    clients: () => aedes.connectedClients ?? 0,
    async close() {
      closing = true;
      const closed = tcp.listening ? once(tcp, 'close') : undefined;
      tcp.close();
      if (!aedes.closed) await new Promise<void>((resolve) => aedes.close(resolve));
      await closed;
      await Promise.all(events);
    },
  };
}

/** A client that breaks the protocol's or IoT Core's rules; it is disconnected, as there. */
class ClientMistake extends Error {}

function packetProblem(packet: PublishPacket, payload: Buffer): string | undefined {
  if (packet.qos === 2) return 'QoS 2 is not offered';
  if (payload.length > MAX_PAYLOAD_BYTES) return `more than ${MAX_PAYLOAD_BYTES} bytes of payload`;
  return topicProblem(packet.topic);
}

/** aedes notes a DISCONNECT packet here, and nowhere that is public. */
function saidGoodbye(client: Client): boolean {
  return (client as unknown as { _disconnected?: boolean })._disconnected === true;
}

function addressOf(client: Client): string {
  return ('remoteAddress' in client.conn && client.conn.remoteAddress) || '127.0.0.1';
}
