import type { Aedes, Client } from 'aedes';
import type { Clock } from '../clock.ts';
import type { DisconnectReason, Presence, PresenceEvent } from './presence.ts';
import type { SessionStore } from './session-store.ts';

/** Tells who comes and goes. */
export interface Lifecycle {
  /** Why the client is going to be disconnected, unless that is known already. */
  expectEnd(client: Client, reason: DisconnectReason): void;
  /** From now on it is the server that ends connections. */
  beginClosing(): void;
  /** Tells the ends that a killed cloud could not tell. */
  recover(): void;
  /** Resolves when everything is told. */
  settled(): Promise<void>;
}

export function watchLifecycle(
  aedes: Aedes,
  options: {
    readonly presence: Presence;
    readonly sessions: SessionStore;
    readonly clock: Clock;
    readonly log: (line: string) => void;
    /** Publishes an event: to the rules first. */
    publish(event: PresenceEvent): Promise<void>;
    /** The certificate that the client has shown. */
    certificateIdOf(client: Client): string | undefined;
  },
): Lifecycle {
  const { presence, sessions, clock, log, publish, certificateIdOf } = options;
  const reasons = new WeakMap<Client, DisconnectReason>();
  const events = new Set<Promise<void>>();
  let closing = false;

  function announce(event: PresenceEvent | undefined): void {
    if (!event) return;
    const done = publish(event)
      .catch((error: unknown) => log(`iot: no lifecycle event on ${event.topic}: ${String(error)}`))
      .finally(() => events.delete(done));
    events.add(done);
  }

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

  aedes.on('clientReady', (client) => {
    announce(presence.connected(client.id, addressOf(client), certificateIdOf(client)));
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

  return {
    expectEnd(client, reason) {
      if (!reasons.has(client)) reasons.set(client, reason);
    },
    beginClosing() {
      closing = true;
    },
    recover() {
      for (const event of presence.recover()) announce(event);
    },
    async settled() {
      await Promise.all(events);
    },
  };
}

/** aedes notes a DISCONNECT packet here, and nowhere that is public. */
function saidGoodbye(client: Client): boolean {
  return (client as unknown as { _disconnected?: boolean })._disconnected === true;
}

function addressOf(client: Client): string {
  return ('remoteAddress' in client.conn && client.conn.remoteAddress) || '127.0.0.1';
}
