import { PublishCommand } from '@aws-sdk/client-iot-data-plane';
import type { MqttClient } from 'mqtt';
import type { Rule } from '../../rule.ts';
import { connectDevice, type Heard, listen } from '../../stage/devices.ts';
import type { Stage } from '../../stage/stage.ts';
import { same } from '../expectations.ts';
import { openRule, publish } from './rule-scene.ts';

const MQTT = 'https://docs.aws.amazon.com/iot/latest/developerguide/mqtt.html';
const QUOTAS = 'https://docs.aws.amazon.com/general/latest/gr/iot-core.html';
const PUBLISH = 'https://docs.aws.amazon.com/iot/latest/apireference/API_iotdata_Publish.html';
const LIFECYCLE = 'https://docs.aws.amazon.com/iot/latest/developerguide/life-cycle-events.html';
const KIB = 1024;
const ANSWER_MS = 10_000;
const SILENCE_MS = 2_000;

/** Whether the broker ends the connection over this message rather than acknowledging it. */
function isCutOff(
  stage: Stage,
  device: MqttClient,
  { topic, payload }: Message,
  qos: 1 | 2 = 1,
): Promise<boolean> {
  const answer = new Promise<boolean>((resolve) => {
    device.once('close', () => resolve(true));
    device.publish(topic, payload, { qos }, (error) => resolve(error instanceof Error));
  });
  const silence = stage.rest(ANSWER_MS).then((): never => {
    throw new Error('the message was neither acknowledged nor the connection ended');
  });
  // Whoever won, the other may end with the rule.
  silence.catch(() => undefined);
  return Promise.race([answer, silence]);
}

interface Message {
  readonly topic: string;
  readonly payload: string;
}

/** Asks the same of MQTT: one message that is just allowed, and one that is not. */
async function checkLimit(stage: Stage, allowed: Message, refused: Message): Promise<void> {
  const device = await connectDevice(stage, stage.name('device'));
  same(await isCutOff(stage, device, allowed), false, 'cut off at the limit');
  same(await isCutOff(stage, device, refused), true, 'cut off beyond the limit');
}

const isRefused = (call: Promise<unknown>) =>
  call.then(
    () => false,
    () => true,
  );

interface LifecycleEvent {
  readonly eventType: string;
  readonly versionNumber: number;
  readonly sessionIdentifier: string;
  readonly clientId: string;
  readonly timestamp: number;
  readonly clientInitiatedDisconnect?: boolean;
  readonly disconnectReason?: string;
}

/** Lifecycle events of a client, through a rule, in the order of their version numbers. */
async function watchPresence(stage: Stage, clientId: string) {
  const { events } = await openRule(
    stage,
    () => `SELECT * FROM '$aws/events/presence/+/${clientId}'`,
  );
  return async (count: number): Promise<LifecycleEvent[]> =>
    ((await events(count)) as LifecycleEvent[]).toSorted(
      (a, b) => a.versionNumber - b.versionNumber || a.eventType.localeCompare(b.eventType),
    );
}

export const mqttRules: readonly Rule[] = [
  {
    id: 'iot/a-message-is-delivered-with-qos-1',
    title: 'A QoS 1 message is acknowledged and reaches the subscribers of its topic',
    page: MQTT,
    async run(stage) {
      const topic = `${stage.name('topic')}/a`;
      const heard = await listen(stage, `${topic.split('/')[0]}/#`);
      const device = await connectDevice(stage, stage.name('device'));
      await device.publishAsync(topic, '안녕', { qos: 1 });
      await stage.eventually('the message', () => heard[0]);
      same(heard, [{ topic, text: '안녕' }], 'what was heard');
    },
  },
  {
    id: 'iot/qos-2-is-not-supported',
    title: 'A publish with QoS 2 is not acknowledged and reaches nobody',
    page: MQTT,
    async run(stage) {
      const topic = stage.name('topic');
      const heard = await listen(stage, topic);
      const device = await connectDevice(stage, stage.name('device'));
      const published = isCutOff(stage, device, { topic, payload: 'x' }, 2);
      const silent = stage.rest(SILENCE_MS).then(() => true);
      published.catch(() => undefined);
      same(await Promise.race([published, silent]), true, 'no acknowledgement');
      await stage.rest(SILENCE_MS);
      same(heard, [], 'what was heard');
    },
  },
  {
    id: 'iot/an-offline-device-gets-its-qos-1-messages-later',
    title: 'A persistent session keeps QoS 1 messages while its device is offline',
    page: MQTT,
    async run(stage) {
      const [topic, clientId] = [stage.name('topic'), stage.name('device')];
      const device = await connectDevice(stage, clientId, { clean: false });
      await device.subscribeAsync(topic, { qos: 1 });
      await device.endAsync();
      await publish(stage, topic, 'while away');
      const heard: Heard[] = [];
      await connectDevice(stage, clientId, { clean: false }, heard);
      await stage.eventually('the message', () => heard[0]);
      same(heard, [{ topic, text: 'while away' }], 'what was heard');
    },
  },
  {
    id: 'iot/clientid-names-the-publisher',
    title: 'clientid() is the client id of the device that published over MQTT',
    page: 'https://docs.aws.amazon.com/iot/latest/developerguide/iot-sql-functions.html',
    async run(stage) {
      const { topic, events } = await openRule(stage, 'clientid() AS client');
      const device = await connectDevice(stage, stage.name('device'));
      await device.publishAsync(topic, '{}', { qos: 1 });
      same(await events(1), [{ client: device.options.clientId }], 'the event');
    },
  },
  {
    id: 'iot/a-puback-does-not-wait-for-the-function',
    title: 'A PUBACK says that the message was received, not that the rule’s action succeeded',
    page: MQTT,
    async run(stage) {
      const { topic, performer } = await openRule(stage, '*');
      performer.perform(async () => {
        await stage.rest(2_000);
        throw new Error('not today');
      });
      const device = await connectDevice(stage, stage.name('device'));
      await device.publishAsync(topic, '{}', { qos: 1 });
      const ended = performer.calls().filter(({ endedAt }) => endedAt !== undefined);
      same(ended.length, 0, 'ended calls when the PUBACK came');
      await performer.called(1);
    },
  },
  {
    id: 'iot/a-payload-is-128-kb-at-most',
    title: 'A payload above 128 KB ends the connection',
    page: QUOTAS,
    run: (stage) =>
      checkLimit(
        stage,
        { topic: stage.name('topic'), payload: 'x'.repeat(128 * KIB) },
        { topic: stage.name('topic'), payload: 'x'.repeat(128 * KIB + 1) },
      ),
  },
  {
    id: 'iot/a-topic-has-7-slashes-at-most',
    title: 'A topic with more than 7 slashes ends the connection',
    page: QUOTAS,
    run: (stage) =>
      checkLimit(
        stage,
        { topic: `${stage.name('t')}/2/3/4/5/6/7/8`, payload: 'x' },
        { topic: `${stage.name('t')}/2/3/4/5/6/7/8/9`, payload: 'x' },
      ),
  },
  {
    id: 'iot/a-topic-is-256-bytes-at-most',
    title: 'A topic of more than 256 bytes of UTF-8 ends the connection',
    page: QUOTAS,
    run: (stage) =>
      checkLimit(
        stage,
        { topic: stage.name('t').padEnd(256, 'x'), payload: 'x' },
        { topic: `${stage.name('t').padEnd(253, 'x')}한글`, payload: 'x' },
      ),
  },
  {
    id: 'iot/the-limits-hold-for-http-too',
    title: 'Publish over HTTP refuses a payload above 128 KB and a topic with more than 7 slashes',
    page: PUBLISH,
    async run(stage) {
      const send = (topic: string, bytes: number) =>
        isRefused(
          stage.clients.iotData.send(
            new PublishCommand({ topic, qos: 1, payload: Buffer.alloc(bytes, 'x') }),
          ),
        );
      const topic = stage.name('topic');
      same(await send(topic, 128 * KIB), false, 'refused at the limit');
      same(await send(topic, 128 * KIB + 1), true, 'refused beyond it');
      same(await send(`${topic}/2/3/4/5/6/7/8/9`, 1), true, 'refused with 8 slashes');
    },
  },
  {
    id: 'iot/connecting-and-disconnecting-is-told',
    title: 'A device’s connect and disconnect are told with one session and one version number',
    page: LIFECYCLE,
    async run(stage) {
      const clientId = stage.name('device');
      const presence = await watchPresence(stage, clientId);
      const device = await connectDevice(stage, clientId);
      await device.endAsync();
      const [connected, disconnected] = await presence(2);
      const seen = [connected, disconnected].map((event) => [event?.eventType, event?.clientId]);
      const expected = [
        ['connected', clientId],
        ['disconnected', clientId],
      ];
      same(seen, expected, 'the events');
      same(disconnected?.sessionIdentifier, connected?.sessionIdentifier, 'the session');
      same(disconnected?.versionNumber, connected?.versionNumber, 'the version number');
      const { clientInitiatedDisconnect, disconnectReason } = disconnected ?? {};
      const reason = [clientInitiatedDisconnect, disconnectReason];
      same(reason, [true, 'CLIENT_INITIATED_DISCONNECT'], 'the reason');
    },
  },
  {
    id: 'iot/version-numbers-order-lifecycle-events',
    title: 'Each further connection of a client has a greater version number',
    page: LIFECYCLE,
    async run(stage) {
      const clientId = stage.name('device');
      const presence = await watchPresence(stage, clientId);
      for (let round = 0; round < 3; round += 1) {
        const device = await connectDevice(stage, clientId);
        await device.endAsync();
      }
      const events = await presence(6);
      const versions = events.map(({ versionNumber }) => versionNumber);
      const pairs = [0, 2, 4].map((index) => versions[index] === versions[index + 1]);
      same([new Set(versions).size, pairs], [3, [true, true, true]], `pairs in ${versions}`);
    },
  },
  {
    id: 'iot/a-lost-connection-is-told-as-such',
    title: 'A device whose connection breaks is told as CONNECTION_LOST, not by its own doing',
    page: LIFECYCLE,
    async run(stage) {
      const clientId = stage.name('device');
      const presence = await watchPresence(stage, clientId);
      const device = await connectDevice(stage, clientId);
      device.stream.destroy();
      const [, lost] = await presence(2);
      const seen = [lost?.clientInitiatedDisconnect, lost?.disconnectReason];
      same(seen, [false, 'CONNECTION_LOST'], 'the reason');
    },
  },
];
