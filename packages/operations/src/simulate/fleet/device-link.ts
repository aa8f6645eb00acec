import { setTimeout as sleep } from 'node:timers/promises';
import { type Rejection, topics } from '@millrace/types';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';

/** Where a device connects, and with what. */
export interface DeviceAddress {
  readonly url: string;
  /** Set where it connects over TLS. */
  readonly credentials?: { readonly cert: string; readonly key: string; readonly ca: Buffer };
}

/**
 * A device's way to the broker: a persistent session over connections that may be lost at any moment.
 * It delivers at least once, as MQTT's QoS 1 wants it: what was not acknowledged is sent again, DUP set.
 */
export interface DeviceLink {
  connect(): Promise<void>;
  /** Resolves once the broker has acknowledged the message. */
  deliver(topic: string, payload: string, dup?: boolean): Promise<void>;
  /** Publishes without waiting for anything and destroys the socket: it may arrive or not. */
  publishAndVanish(topic: string, payload: string): Promise<void>;
  /** Publishes what the broker closes the connection for, and is back again when it has. */
  publishUntilClosed(topic: string, payload: Buffer): Promise<void>;
  close(): Promise<void>;
}

export interface LinkEvents {
  onConnected(): void;
  onDisconnected(): void;
  /** A connection was lost that nobody meant to lose. */
  onLoss(): void;
  onRejection(rejection: Rejection): void;
}

/** How long the broker may be away, or silent about one message. */
const PATIENCE_MS = 60_000;

export function createDeviceLink(
  deviceId: string,
  address: DeviceAddress,
  events: LinkEvents,
): DeviceLink {
  let client: MqttClient | undefined;

  async function connected(): Promise<MqttClient> {
    if (client?.connected) return client;
    const deadline = performance.now() + PATIENCE_MS;
    for (let pause = 100; ; pause = Math.min(pause * 2, 2_000)) {
      try {
        client = await open(deviceId, address, events);
        return client;
      } catch (cause) {
        if (performance.now() > deadline) {
          throw new Error(`${deviceId} cannot connect to ${address.url}.`, { cause });
        }
      }
      await sleep(pause * (0.5 + Math.random() / 2));
    }
  }

  return {
    async connect() {
      await connected();
    },
    async deliver(topic, payload, dup = false) {
      const deadline = performance.now() + PATIENCE_MS;
      for (let again = dup; ; again = true) {
        if (await isAcknowledged(await connected(), topic, payload, again)) return;
        events.onLoss();
        if (performance.now() > deadline) {
          throw new Error(`A message of ${deviceId} was not acknowledged.`);
        }
      }
    },
    async publishAndVanish(topic, payload) {
      const gone = await connected();
      const closed = once(gone, 'close');
      gone.publish(topic, payload, { qos: 1 });
      gone.stream.destroy();
      await closed;
      gone.end(true);
    },
    async publishUntilClosed(topic, payload) {
      const refused = await connected();
      const closed = once(refused, 'close');
      // QoS 0: nothing is owed of it.
      refused.publish(topic, payload, { qos: 0 });
      if (!(await Promise.race([closed.then(() => true), sleep(PATIENCE_MS, false)]))) {
        throw new Error(`The broker let an oversized message of ${deviceId} pass.`);
      }
      refused.end(true);
      await connected();
    },
    async close() {
      await client?.endAsync();
    },
  };
}

async function open(
  clientId: string,
  { url, credentials }: DeviceAddress,
  events: LinkEvents,
): Promise<MqttClient> {
  const options: IClientOptions = {
    ...{ clientId, clean: false, reconnectPeriod: 0, connectTimeout: 30_000 },
    ...credentials,
  };
  const client = await mqtt.connectAsync(url, options);
  // What goes wrong ends the connection, and that is what is looked at.
  client.on('error', () => {});
  client.on('message', (_topic, payload) => events.onRejection(JSON.parse(payload.toString())));
  events.onConnected();
  client.once('close', () => events.onDisconnected());
  await client.subscribeAsync(topics.telemetryRejected(clientId), { qos: 1 });
  return client;
}

function isAcknowledged(
  client: MqttClient,
  topic: string,
  payload: string,
  dup: boolean,
): Promise<boolean> {
  return new Promise((resolve) => {
    const end = (acknowledged: boolean) => {
      clearTimeout(patience);
      client.off('close', lost);
      // Its session goes on in the next connection; this client must not send anything by itself.
      if (!acknowledged) client.end(true);
      resolve(acknowledged);
    };
    const lost = () => end(false);
    const patience = setTimeout(lost, PATIENCE_MS);
    client.once('close', lost);
    client.publish(topic, payload, { qos: 1, dup }, (error) => end(!error));
  });
}

function once(client: MqttClient, event: 'close'): Promise<void> {
  return new Promise((resolve) => client.once(event, () => resolve()));
}
