import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  AttachPolicyCommand,
  AttachThingPrincipalCommand,
  CreateKeysAndCertificateCommand,
  CreatePolicyCommand,
  CreateThingCommand,
  IoTClient,
} from '@aws-sdk/client-iot';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import type { CloudFixture } from '../edge/cloud-fixture.ts';

export interface Credentials {
  readonly arn: string;
  readonly certificateId: string;
  readonly cert: string;
  readonly key: string;
}

export interface Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: Record<string, Record<string, string>>;
}

/** ARN of something of this cloud's IoT, e.g. `client/a`. */
export const iotArn = (resource: string) => `arn:aws:iot:us-east-1:000000000000:${resource}`;

export const allow = (action: string, ...resources: string[]): Statement => ({
  ...{ Effect: 'Allow', Action: `iot:${action}`, Resource: resources.map(iotArn) },
});

/** Makes a certificate, with a policy of its own if there are statements, for a thing if it is named. */
export async function makeCertificate(
  fixture: CloudFixture,
  options: { readonly thingName?: string; readonly statements?: readonly Statement[] } = {},
): Promise<Credentials> {
  const iot = new IoTClient(fixture.client);
  const made = await iot.send(new CreateKeysAndCertificateCommand({ setAsActive: true }));
  const { certificateArn: arn = '', certificateId = '', certificatePem = '', keyPair } = made;
  if (options.thingName !== undefined) {
    await iot.send(new CreateThingCommand({ thingName: options.thingName }));
    await iot.send(
      new AttachThingPrincipalCommand({ thingName: options.thingName, principal: arn }),
    );
  }
  if (options.statements) {
    const policyName = `policy-${certificateId.slice(0, 12)}`;
    const document = { Version: '2012-10-17', Statement: options.statements };
    await iot.send(
      new CreatePolicyCommand({ policyName, policyDocument: JSON.stringify(document) }),
    );
    await iot.send(new AttachPolicyCommand({ policyName, target: arn }));
  }
  iot.destroy();
  return { arn, certificateId, cert: certificatePem, key: keyPair?.PrivateKey ?? '' };
}

export interface Device {
  readonly client: MqttClient;
  readonly heard: { readonly topic: string; readonly text: string }[];
  /** Resolves when the connection has ended. */
  readonly closed: Promise<void>;
}

/** Connects by TLS. Rejects with what the broker, or TLS, says. */
export async function connectThing(
  fixture: CloudFixture,
  clientId: string,
  credentials: { readonly cert?: string; readonly key?: string; readonly ca?: string },
  options: IClientOptions = {},
): Promise<Device> {
  const client = mqtt.connect(fixture.cloud.mqttsUrl.replace('127.0.0.1', 'localhost'), {
    ...{ ca: readCa(fixture), ...credentials, clientId, reconnectPeriod: 0, protocolVersion: 4 },
    ...options,
  });
  const heard: { topic: string; text: string }[] = [];
  client.on('message', (topic, payload) => heard.push({ topic, text: payload.toString() }));
  const closed = new Promise<void>((resolve) => client.once('close', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    client.once('connect', () => resolve());
    client.once('error', reject);
    client.once('close', () => reject(new Error('closed')));
  });
  client.on('error', () => {});
  return { client, heard, closed };
}

export function readCa({ cloud }: CloudFixture): string {
  return readFileSync(join(cloud.state.dir, 'iot', 'ca.pem'), 'utf8');
}

/** What a subscription is granted, topic filter by topic filter; 128 is a refusal. */
export function grantsOf(client: MqttClient, filters: string[]): Promise<number[]> {
  return client.subscribeAsync(filters, { qos: 1 }).then(
    (grants) => grants.map(({ qos }) => qos),
    (error: Error & { packet?: { granted: number[] } }) => {
      if (error.packet) return error.packet.granted;
      throw error;
    },
  );
}
