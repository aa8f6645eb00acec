import type { Readable } from 'node:stream';
import type { Client, Subscription } from 'aedes';
import type { Clock } from '../clock.ts';
import type { AcceptedMessages } from './accepted-messages.ts';
import type { QueuedPacket, SessionStore } from './session-store.ts';

/**
 * AWS ends a persistent session an hour after its client has left, and deletes what waits in it.
 * https://docs.aws.amazon.com/iot/latest/developerguide/mqtt.html#mqtt-persistent-sessions
 */
const SESSION_MS = 60 * 60_000;

type Named = Pick<Client, 'id'>;

/** Of aedes's persistence, what concerns sessions. */
export interface SessionPersistence {
  addSubscriptions(client: Named, subscriptions: readonly Subscription[]): Promise<void>;
  removeSubscriptions(client: Named, topics: readonly string[]): Promise<void>;
  cleanSubscriptions(client: Named): Promise<void>;
  subscriptionsByClient(client: Named): Promise<readonly Subscription[]>;
  subscriptionsByTopic(topic: string): Promise<readonly { readonly clientId: string }[]>;
  outgoingEnqueue(subscription: { clientId: string }, packet: QueuedPacket): Promise<void>;
  outgoingEnqueueCombi(
    subscriptions: readonly { clientId: string }[],
    packet: QueuedPacket,
  ): Promise<void>;
  outgoingUpdate(client: Named, packet: QueuedPacket): Promise<void>;
  outgoingClearMessageId(
    client: Named,
    packet: { messageId?: number },
  ): Promise<QueuedPacket | undefined>;
  outgoingStream(client: Named): Readable;
}

/**
 * Makes aedes's persistence, which lives in memory, survive a kill: subscriptions are stored before
 * they are granted, queues are in the state folder alone. In memory stays what finds a topic's
 * subscribers.
 */
export async function makeSessionsDurable(
  memory: SessionPersistence,
  options: {
    readonly store: SessionStore;
    readonly accepted: AcceptedMessages;
    readonly clock: Clock;
    /** Whether the client was granted the topic filter. */
    granted(client: Named, topic: string): boolean;
  },
): Promise<void> {
  const { store, accepted, clock, granted } = options;
  const inMemory = {
    addSubscriptions: memory.addSubscriptions.bind(memory),
    removeSubscriptions: memory.removeSubscriptions.bind(memory),
    cleanSubscriptions: memory.cleanSubscriptions.bind(memory),
    subscriptionsByClient: memory.subscriptionsByClient.bind(memory),
    subscriptionsByTopic: memory.subscriptionsByTopic.bind(memory),
  };

  async function end(id: string): Promise<void> {
    store.remove(id);
    await inMemory.cleanSubscriptions({ id });
  }

  async function endExpired(): Promise<void> {
    for (const id of store.endedBefore(clock.now() - SESSION_MS)) await end(id);
  }

  const durable: SessionPersistence = {
    async addSubscriptions(client, asked) {
      // aedes hands on all that one packet asks for as soon as any of it is granted.
      const subscriptions = asked.filter(({ topic }) => granted(client, topic));
      store.subscribe(client.id, subscriptions);
      await inMemory.addSubscriptions(client, subscriptions);
    },
    async removeSubscriptions(client, topics) {
      store.unsubscribe(client.id, topics);
      await inMemory.removeSubscriptions(client, topics);
    },
    cleanSubscriptions: (client) => end(client.id),
    async subscriptionsByClient(client) {
      await endExpired();
      store.setEnded(client.id, undefined);
      return inMemory.subscriptionsByClient(client);
    },
    async subscriptionsByTopic(topic) {
      await endExpired();
      return inMemory.subscriptionsByTopic(topic);
    },
    async outgoingEnqueue({ clientId }, packet) {
      store.enqueue([clientId], packet);
    },
    async outgoingEnqueueCombi(subscriptions, packet) {
      const clientIds = subscriptions.map(({ clientId }) => clientId);
      if (clientIds.length > 0) store.enqueue(clientIds, packet);
      accepted.done(packet.payload as Buffer);
    },
    async outgoingUpdate(client, packet) {
      if (!store.identify(client.id, packet)) throw new Error('no such packet');
    },
    outgoingClearMessageId: async (client, { messageId }) =>
      messageId === undefined ? undefined : store.acknowledge(client.id, messageId),
    outgoingStream: (client) => store.queued(client.id),
  };

  // Nobody is connected yet: whoever was when the cloud ended has an hour from now.
  store.endAll(clock.now());
  for (const { clientId, subscriptions } of store.sessions()) {
    await inMemory.addSubscriptions({ id: clientId }, subscriptions);
  }
  Object.assign(memory, durable);
}
