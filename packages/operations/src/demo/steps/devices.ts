import { type MillraceEvent, type Rejection, type TelemetryMessage, topics } from '@millrace/types';
import mqtt, { type MqttClient } from 'mqtt';
import type { DemoContext } from '../context.ts';
import type { Outcome } from '../report.ts';
import { sideBySide } from '../side-by-side.ts';

const DEVICES = 20;
const READINGS = 5;

export interface SentReadings {
  readonly outcomes: readonly Outcome[];
  readonly deviceIds: readonly string[];
  /** The events that the platform must have made of them. */
  readonly events: readonly MillraceEvent[];
}

/** Registers the devices, connects each over MQTT and publishes its readings, the last one twice. */
export async function sendReadings(context: DemoContext): Promise<SentReadings> {
  const since = performance.now();
  const deviceIds = Array.from(
    { length: DEVICES },
    (_, index) => `${context.run.runId}-wheel-${index}`,
  );
  const answers = await sideBySide(2, deviceIds, (deviceId) =>
    context.api.post('/devices', { deviceId, name: 'mill wheel' }),
  );
  const registered = answers.filter((answer) => answer.status === 201).length;
  const registeredAt = performance.now();
  const counts = await Promise.all(
    deviceIds.map((deviceId, device) => publishAll(context, deviceId, device)),
  );
  const acknowledged = counts.reduce((sum, count) => sum + count, 0);
  return {
    deviceIds,
    events: deviceIds.flatMap((deviceId, device) =>
      readings(context, device).map((reading) => asEvent(deviceId, reading)),
    ),
    outcomes: [
      outcome(
        `${DEVICES} devices to register`,
        `${registered} registered`,
        `${DEVICES} registered`,
        registeredAt - since,
      ),
      outcome(
        `${DEVICES * (READINGS + 1)} MQTT messages, ${DEVICES} of them duplicates`,
        `${acknowledged} acknowledged`,
        `${DEVICES * (READINGS + 1)} acknowledged`,
        performance.now() - registeredAt,
      ),
      await publishAsStranger(context),
    ],
  };
}

/** @returns how many messages the broker acknowledged. */
async function publishAll(context: DemoContext, deviceId: string, device: number): Promise<number> {
  const client = await connect(context, deviceId);
  const messages = readings(context, device);
  let acknowledged = 0;
  for (const message of [...messages, ...messages.slice(-1)]) {
    await client.publishAsync(topics.telemetry(deviceId), JSON.stringify(message), { qos: 1 });
    acknowledged += 1;
  }
  await client.endAsync();
  return acknowledged;
}

/** A device that nobody registered: it must read why its reading is not taken. */
async function publishAsStranger(context: DemoContext): Promise<Outcome> {
  const since = performance.now();
  const deviceId = `${context.run.runId}-stranger`;
  const client = await connect(context, deviceId);
  try {
    const answer = new Promise<Rejection>((resolve) => {
      client.on('message', (_topic, payload) => resolve(JSON.parse(payload.toString())));
    });
    await client.subscribeAsync(topics.telemetryRejected(deviceId), { qos: 1 });
    await client.publishAsync(topics.telemetry(deviceId), JSON.stringify(readings(context, 0)[0]), {
      qos: 1,
    });
    const rejection = await Promise.race([answer, timeout(context.timeoutMs)]);
    return outcome(
      'a reading of an unregistered device',
      rejection ? `rejected: ${rejection.code}` : 'no answer',
      'rejected: device_unknown',
      performance.now() - since,
    );
  } finally {
    await client.endAsync();
  }
}

function connect(context: DemoContext, clientId: string): Promise<MqttClient> {
  return mqtt.connectAsync(context.targets.mqttUrl, {
    clientId,
    reconnectPeriod: 250,
    connectTimeout: 10_000,
  });
}

function timeout(ms: number): Promise<undefined> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms, undefined).unref();
  });
}

function readings(context: DemoContext, device: number): TelemetryMessage[] {
  const start = Date.parse(context.run.startedAt) - 300_000;
  return Array.from({ length: READINGS }, (_, index) => ({
    time: new Date(start + index * 60_000 + device).toISOString(),
    metrics: { rpm: (800 + device * 25 + index) / 100, load_kw: (device * 25 + index) / 100 },
    usage: { grain_kg: (device + 1) * 0.25 },
  }));
}

function asEvent(deviceId: string, reading: TelemetryMessage): MillraceEvent {
  return {
    specversion: '1.0',
    id: `${deviceId}-${reading.time}`,
    source: `millrace/devices/${deviceId}`,
    type: 'millrace.telemetry.v1',
    time: reading.time,
    data: {
      deviceId,
      metrics: reading.metrics,
      ...(reading.usage ? { usage: reading.usage } : {}),
    },
  };
}

function outcome(input: string, result: string, expected: string, latencyMs: number): Outcome {
  return result === expected
    ? { area: 'devices', input, result, latencyMs }
    : { area: 'devices', input, result, latencyMs, expected };
}
