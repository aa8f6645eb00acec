import type { LookupFunction } from 'node:net';
import { connect, type IClientOptions, type MqttClient } from 'mqtt';
import { NotOffered } from '../rule.ts';
import type { Stage } from './stage.ts';

/** Names under localhost are this machine's (RFC 6761, 6.3), which not every resolver knows. */
const loopback: LookupFunction = (_host, options, found) =>
  options.all ? found(null, [{ address: '127.0.0.1', family: 4 }]) : found(null, '127.0.0.1', 4);

export interface Heard {
  readonly topic: string;
  readonly text: string;
}

/**
 * Connects a device, which does not come back by itself and is gone when the rule ends. What it hears
 * is added to `heard`, from the first message on.
 */
export async function connectDevice(
  stage: Stage,
  clientId: string,
  options: IClientOptions = {},
  heard: Heard[] = [],
): Promise<MqttClient> {
  const { mqttUrl } = stage.subject;
  if (mqttUrl === undefined) throw new NotOffered('it has no MQTT listener');
  const device = connect(mqttUrl, {
    ...{ clientId, reconnectPeriod: 0, connectTimeout: 10_000, protocolVersion: 4 },
    ...(mqttUrl.startsWith('ws') && { wsOptions: { lookup: loopback } }),
    ...options,
  });
  // A broker that cuts the connection is part of the rules.
  device.on('error', () => undefined);
  stage.atEnd(() => device.endAsync(true));
  device.on('message', (topic, payload) => heard.push({ topic, text: payload.toString() }));
  await new Promise<void>((resolve, reject) => {
    device.once('connect', () => resolve());
    device.once('error', reject);
    device.once('close', () => reject(new Error('the broker took no connection')));
  });
  return device;
}

/** What a device hears on a topic filter from now on. */
export async function listen(stage: Stage, filter: string): Promise<readonly Heard[]> {
  const heard: Heard[] = [];
  const device = await connectDevice(stage, stage.name('listener'), {}, heard);
  await device.subscribeAsync(filter, { qos: 1 });
  return heard;
}
