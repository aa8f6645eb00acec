import { PublishCommand } from '@aws-sdk/client-iot-data-plane';
import { type MillraceEvent, topics } from '@millrace/types';
import mqtt from 'mqtt';
import { type Run, requireThat } from './run.ts';
import type { DeviceStory, Scenario } from './scenario.ts';

/** Devices side by side; what each says in its order. */
export async function sendReadings(run: Run, { devices }: Scenario): Promise<void> {
  await Promise.all(devices.map((story, at) => liveDevice(run, story, `${run.tenant}-d${at}`)));
}

async function liveDevice(run: Run, story: DeviceStory, deviceId: string): Promise<void> {
  if (story.registered) await register(run, deviceId);
  const client = await mqtt.connectAsync(run.platform.cloud.mqttUrl, { clientId: deviceId });
  const publish = (payload: string) =>
    client.publishAsync(topics.telemetry(deviceId), payload, { qos: 1 });
  try {
    for (const [at, { metrics, usage, times }] of story.readings.entries()) {
      const reading = { time: `2026-11-23T10:0${at}:30.000Z`, metrics, usage };
      const payload = JSON.stringify(reading);
      for (let sent = 0; sent < times; sent += 1) {
        run.expected.sent += 1;
        // Over HTTPS a lost answer is a second message; only a known device's readings bear that.
        if (story.overHttp && story.registered) await publishOverHttp(run, deviceId, payload);
        else await publish(payload);
        if (!story.registered) refusal(run, deviceId, 'device_unknown', payload);
      }
      if (story.registered) run.expected.events.push(eventOf(deviceId, reading));
    }
    for (const payload of story.garbage) {
      run.expected.sent += 1;
      await publish(payload);
      refusal(run, deviceId, codeOf(story, payload), payload);
    }
  } finally {
    await client.endAsync();
  }
}

/** Who sends is asked before what is sent. */
function codeOf({ registered }: DeviceStory, payload: string): string {
  if (!registered) return 'device_unknown';
  return payload === 'not json' ? 'not_json' : 'reading_invalid';
}

async function register(run: Run, deviceId: string): Promise<void> {
  const body = { deviceId, name: 'wheel' };
  run.expected.sent += 1;
  const answer = await run.api.call({ fn: 'devices', route: 'POST /v1/devices', body });
  requireThat(answer.status === 201, 'POST /devices answers 201', answer.body);
  run.expected.devices.set(deviceId, { name: body.name });
}

async function publishOverHttp(run: Run, deviceId: string, payload: string): Promise<void> {
  const message = { topic: topics.telemetry(deviceId), payload: Buffer.from(payload), qos: 1 };
  await run.persist('Publish', () => run.clients.iot.send(new PublishCommand(message)));
}

function refusal(run: Run, deviceId: string, code: string, payload: string): void {
  run.expected.refusals.push({ deviceId, code, payload });
}

/** Its id is the platform's business; what is counted depends on who and when. */
function eventOf(
  deviceId: string,
  {
    time,
    ...data
  }: { time: string; metrics: Record<string, number>; usage: Record<string, number> },
): MillraceEvent {
  return {
    specversion: '1.0',
    id: `${deviceId}/${time}`,
    source: `millrace/devices/${deviceId}`,
    type: 'millrace.telemetry.v1',
    time,
    data: { deviceId, ...data },
  };
}
