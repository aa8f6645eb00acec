import { eventually, type TestStack } from '@millrace/local-cloud/testing';
import mqtt, { type MqttClient } from 'mqtt';

export interface Credentials {
  readonly cert: string;
  readonly key: string;
}

/** Connects by TLS; rejects with what the broker says. */
export async function connectBy(
  stack: TestStack,
  credentials: Credentials,
  clientId: string,
): Promise<MqttClient> {
  const ca = await (await fetch(`${stack.edgeUrl}/_millrace/ca.pem`)).text();
  const client = mqtt.connect(stack.mqttsUrl.replace('127.0.0.1', 'localhost'), {
    ...{ ca, ...credentials, clientId, reconnectPeriod: 0, protocolVersion: 4 },
  });
  await new Promise<void>((resolve, reject) => {
    client.once('connect', () => resolve());
    client.once('error', reject);
    client.once('close', () => reject(new Error('closed')));
  });
  client.on('error', () => {});
  return client;
}

export type Told = Readonly<Record<string, string>> & { readonly outcome: string };

export interface UnboxedDevice {
  readonly client: MqttClient;
  /** A certificate that is nobody's yet, its key and the token of who was given it. */
  create(): Promise<Credentials & { readonly token: string; readonly certificateId: string }>;
  provision(token: string, parameters: Record<string, string>): Promise<Told>;
}

const CREATE = '$aws/certificates/create/json';
const PROVISION = '$aws/provisioning-templates/millrace-local-device/provision/json';

/** A device out of the factory: it knows its serial number and has the certificate of a claim. */
export async function unboxDevice(
  stack: TestStack,
  claim: Credentials,
  clientId: string,
): Promise<UnboxedDevice> {
  const client = await connectBy(stack, claim, clientId);
  const heard: Told[] = [];
  client.on('message', (topic, payload) =>
    heard.push({ ...JSON.parse(payload.toString()), outcome: topic.split('/').at(-1) }),
  );
  const answers = [CREATE, PROVISION].flatMap((topic) => [
    `${topic}/accepted`,
    `${topic}/rejected`,
  ]);
  await client.subscribeAsync(answers, { qos: 1 });

  async function ask(topic: string, document: unknown): Promise<Told> {
    const before = heard.length;
    await client.publishAsync(topic, JSON.stringify(document), { qos: 1 });
    const [answer] = await eventually(
      async () => heard.slice(before),
      (more) => more.length > 0,
    );
    if (!answer) throw new TypeError('There is no answer.');
    return answer;
  }

  return {
    client,
    async create() {
      const made = await ask(CREATE, {});
      const { certificatePem = '', privateKey = '', certificateId = '' } = made;
      const { certificateOwnershipToken: token = '' } = made;
      return { cert: certificatePem, key: privateKey, certificateId, token };
    },
    provision: (certificateOwnershipToken, parameters) =>
      ask(PROVISION, { certificateOwnershipToken, parameters }),
  };
}
