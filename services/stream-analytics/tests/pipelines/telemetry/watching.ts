import type { DeviceAlert, DeviceState } from '@millrace/types';
import { devicePartition } from '@millrace/types';
import { dynamoWatchStore } from '../../../src/adapters/dynamo-watch-store.ts';
import { identifyAll } from '../../../src/domain/engine/identity.ts';
import type { Incoming } from '../../../src/domain/engine/pipeline.ts';
import { runPipeline } from '../../../src/domain/engine/run-pipeline.ts';
import { SeenEvents } from '../../../src/domain/engine/seen-events.ts';
import { telemetry } from '../../../src/pipelines/telemetry/pipeline.ts';
import {
  type WatchPorts,
  type WatchStore,
  watchDevices,
} from '../../../src/pipelines/telemetry/watch-devices.ts';
import { unpaced } from '../../model/deliver.ts';
import { freshAnalyticsStore, type TestDynamoDb } from '../../support/dynamodb.ts';

/** The pipeline and the watch on tables of their own, with a clock that the test moves. */
export async function openWatch(dynamoDb: TestDynamoDb) {
  const store = await freshAnalyticsStore(dynamoDb);
  const watchStore = dynamoWatchStore({ client: dynamoDb.client, table: store.statesTable });
  const told: DeviceAlert[] = [];
  const clock = { now: '' };
  const ports: WatchPorts = {
    store: watchStore,
    tell: async (alert) => void told.push(alert),
    now: () => Date.parse(clock.now),
    hasTimeLeft: () => true,
  };
  return {
    told,
    watchStore,
    ports,
    /** Processes readings as the stream's function does. */
    async hear(...readings: Incoming[]) {
      const { failure, refusals } = await runPipeline(identifyAll(readings), {
        pipeline: telemetry,
        store,
        seen: new SeenEvents(store),
        pacing: unpaced,
        writer: '0',
      });
      if (failure ?? refusals[0]) throw (failure ?? refusals[0])?.cause;
    },
    /** A run of the schedule at a time. */
    async watchAt(now: string, changed: Partial<WatchStore> = {}, more: Partial<WatchPorts> = {}) {
      clock.now = now;
      return await watchDevices({ ...ports, store: { ...watchStore, ...changed }, ...more });
    },
    async device(deviceId = 'd1') {
      const states = await store.states();
      return states.get(`${devicePartition('acme', deviceId)} -`) as DeviceState | undefined;
    },
    /** Times of the looks that wait, by device. */
    async looks() {
      const keys = [...(await store.states()).keys()].filter((key) => key.startsWith('*#due#'));
      return keys
        .map((key) => key.split(' ')[1]?.split('#') ?? [])
        .map(([time, , deviceId]) => `${deviceId} ${time}`)
        .sort();
    },
  };
}
