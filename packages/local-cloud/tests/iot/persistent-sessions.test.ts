import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import mqtt, { type MqttClient } from 'mqtt';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createBroker } from '../../src/iot/broker.ts';
import { createRegistry } from '../../src/iot/registry/registry.ts';
import { createMovableClock } from '../../src/movable-clock.ts';
import { openState } from '../../src/state.ts';
import { startCloudProcess } from '../edge/cloud-process.ts';

let stateDir: string;
beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'millrace-sessions-'));
});
afterEach(() => rmSync(stateDir, { recursive: true, force: true }));

/** A broker by itself over the state folder. */
async function startBroker(clock = createMovableClock()) {
  const state = openState(stateDir);
  const registry = createRegistry({ state, clock, region: 'us-east-1', accountId: '000000000000' });
  const broker = createBroker({ state, clock, registry, log: () => {} });
  const port = await broker.listen(0, async () => {});
  return {
    url: `mqtt://127.0.0.1:${port}`,
    async stop() {
      await broker.close();
      state.close();
    },
  };
}

/** Connects with a session that outlives the connection; `texts` are the messages as they come. */
async function device(url: string, clientId = 'device', topic = 'commands/#') {
  const client = mqtt.connect(url, { clientId, clean: false, reconnectPeriod: 0 });
  const texts: string[] = [];
  client.on('message', (_, payload) => texts.push(payload.toString()));
  client.on('error', () => {});
  const sessionPresent = await new Promise<boolean>((resolve, reject) => {
    client.once('connect', (packet) => resolve(packet.sessionPresent));
    client.once('close', () => reject(new Error('not connected')));
  });
  if (!sessionPresent) await client.subscribeAsync(topic, { qos: 1 });
  return { client, texts, sessionPresent };
}

async function publish(url: string, ...messages: string[]): Promise<void> {
  const sender = await mqtt.connectAsync(url, { clientId: 'sender' });
  for (const message of messages) await sender.publishAsync('commands/1', message, { qos: 1 });
  await sender.endAsync();
}

const gone = async ({ client }: { client: MqttClient }) => client.endAsync(true);

it('delivers what came while the device was away, over a restart of the broker, in order', async () => {
  const first = await startBroker();
  await gone(await device(first.url));
  await publish(first.url, 'a', 'b');
  await first.stop();

  const second = await startBroker();
  await publish(second.url, 'c');
  const back = await device(second.url);
  expect(back.sessionPresent).toBe(true);
  await expect.poll(() => back.texts).toEqual(['a', 'b', 'c']);
  await publish(second.url, 'd');
  await expect.poll(() => back.texts).toEqual(['a', 'b', 'c', 'd']);
  await gone(back);
  const again = await device(second.url);
  await publish(second.url, 'e');
  // What was acknowledged does not come again.
  await expect.poll(() => again.texts).toEqual(['e']);
  await gone(again);
  await second.stop();
});

it('sends again what was not acknowledged', async () => {
  const broker = await startBroker();
  const deaf = mqtt.connect(broker.url, { clientId: 'device', clean: false, reconnectPeriod: 0 });
  await new Promise((resolve) => deaf.once('connect', resolve));
  await deaf.subscribeAsync('commands/#', { qos: 1 });
  const seen: string[] = [];
  deaf.handleMessage = (packet) => {
    // Without calling back there is no PUBACK.
    seen.push(String(packet.payload));
  };
  await publish(broker.url, 'a');
  await expect.poll(() => seen).toEqual(['a']);
  deaf.stream.destroy();
  await deaf.endAsync(true);
  const back = await device(broker.url);
  await expect.poll(() => back.texts).toEqual(['a']);
  await gone(back);
  await broker.stop();
});

it('ends a session after an hour, and at once for a device that asks for a clean one', async () => {
  const clock = createMovableClock();
  const broker = await startBroker(clock);
  await gone(await device(broker.url));
  await publish(broker.url, 'a');
  clock.advance(59 * 60_000);
  const inTime = await device(broker.url);
  await expect.poll(() => inTime.texts).toEqual(['a']);
  await gone(inTime);
  await publish(broker.url, 'b');
  clock.advance(61 * 60_000);
  const late = await device(broker.url);
  expect(late.sessionPresent).toBe(false);
  await gone(late);
  await publish(broker.url, 'c');
  const clean = await mqtt.connectAsync(broker.url, { clientId: 'device', clean: true });
  await clean.endAsync();
  const after = await device(broker.url);
  expect(after.sessionPresent).toBe(false);
  expect(after.texts).toEqual([]);
  await gone(after);
  await broker.stop();
  const db = new DatabaseSync(join(stateDir, 'cloud.db'));
  const count = (table: string) => db.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.n;
  expect([count('iot_queue'), count('iot_accepted'), count('iot_subscriptions')]).toEqual([
    0, 0, 1,
  ]);
  db.close();
});

it('forgets a subscription that the device gave back', async () => {
  const broker = await startBroker();
  const here = await device(broker.url);
  await here.client.unsubscribeAsync('commands/#');
  await gone(here);
  await publish(broker.url, 'a');
  const back = await device(broker.url);
  await publish(broker.url, 'b');
  await expect.poll(() => back.texts).toEqual(['b']);
  await gone(back);
  await broker.stop();
});

it('loses no acknowledged message when the cloud is killed', async () => {
  const first = await startCloudProcess(stateDir);
  await gone(await device(first.mqttUrl));
  const sender = await mqtt.connectAsync(first.mqttUrl, { clientId: 's', reconnectPeriod: 0 });
  sender.on('error', () => {});
  const acknowledged: string[] = [];
  for (let n = 0; n < 3_000; n++) {
    sender.publish('commands/1', `${n}`, { qos: 1 }, (error) => {
      if (!error) acknowledged.push(`${n}`);
    });
  }
  await expect.poll(() => acknowledged.length, { interval: 2 }).toBeGreaterThan(100);
  await first.end('SIGKILL');
  await sender.endAsync(true);

  const second = await startCloudProcess(stateDir);
  const back = await device(second.mqttUrl);
  expect(back.sessionPresent).toBe(true);
  await expect
    .poll(() => acknowledged.filter((text) => !back.texts.includes(text)), { timeout: 20_000 })
    .toEqual([]);
  await gone(back);
  await second.end('SIGTERM');
}, 60_000);
