/**
 * How fast batches are decoded, validated and counted against the local DynamoDB engine, and how
 * many writes they cost. Run: `pnpm bench` in this folder.
 */
import type { AnalyticsStore } from '../src/domain/engine/analytics-store.ts';
import { processBatch } from '../src/domain/engine/process-batch.ts';
import { SeenEvents } from '../src/domain/engine/seen-events.ts';
import { type IncomingEvent, parseJson, readEvent } from '../src/domain/incoming-event.ts';
import { metrics } from '../src/pipelines/metrics/pipeline.ts';
import { unpaced } from '../tests/model/deliver.ts';
import { clickEvent, telemetryEvent } from '../tests/model/events.ts';
import { freshAnalyticsStore, startTestDynamoDb } from '../tests/support/dynamodb.ts';

const BATCH = 500;
const BATCHES = 20;
const ROUNDS = 5;

/** US$ per million write request units: on demand, us-east-1, since November 2024. */
const PRICE_PER_MILLION = 0.625;

const mixes: Record<string, (at: number) => IncomingEvent> = {
  'clicks on one hot counter': (at) => clickEvent(String(at)),
  'clicks, telemetry of 20 devices (2 values each)': (at) =>
    at % 2 === 0 ? clickEvent(String(at)) : reading(at, Math.floor(at / 2) % 20),
  'telemetry of 1,000 devices (2 values each)': (at) => reading(at, at % 1_000),
};

function reading(at: number, device: number): IncomingEvent {
  const one = telemetryEvent(String(at), { celsius: at / 10 }, { kwh: 0.25 });
  const data = { ...one.event.data, deviceId: `d${device}` };
  return { tenant: one.tenant, event: { ...one.event, data } as IncomingEvent['event'] };
}

interface Counted extends AnalyticsStore {
  units: number;
  transactions: number;
}

/** Write units as DynamoDB bills them: 2 for each KB that an action of a transaction writes. */
function counting(store: AnalyticsStore): Counted {
  const counted: Counted = {
    ...store,
    units: 0,
    transactions: 0,
    commit(transaction) {
      const { seen, states, cells } = transaction;
      const bytes = [
        ...seen.map(({ digests }) => digests.length + 100),
        ...states.map(({ state }) => (state?.length ?? 0) + 100),
        ...cells.map(() => 400),
      ];
      counted.units += bytes.reduce((sum, size) => sum + 2 * Math.ceil(size / 1024), 0);
      counted.transactions += 1;
      return store.commit(transaction);
    },
  };
  return counted;
}

const dynamoDb = await startTestDynamoDb();
try {
  for (const [name, eventAt] of Object.entries(mixes)) {
    const batches = Array.from({ length: BATCHES }, (_, batch) =>
      Array.from({ length: BATCH }, (_, at) => {
        const { event, tenant } = eventAt(batch * BATCH + at);
        return Buffer.from(JSON.stringify({ ...event, tenant }));
      }),
    );
    const rates: number[] = [];
    let store = counting(await freshAnalyticsStore(dynamoDb));
    for (let round = 0; round < ROUNDS; round += 1) {
      store = counting(await freshAnalyticsStore(dynamoDb));
      const pipelines = [{ pipeline: metrics, seen: new SeenEvents(store) }];
      const start = performance.now();
      for (const batch of batches) {
        const records = batch.map((data, at) => ({
          shardId: 'shardId-000000000000',
          sequenceNumber: String(at),
          arrivedAt: '2026-11-24T00:00:00.000Z',
          value: readEvent(parseJson(data)),
        }));
        await processBatch(records, {
          pipelines,
          store,
          pacing: unpaced,
          putAside: (_, cause) => Promise.reject(cause),
        });
      }
      rates.push((BATCH * BATCHES) / ((performance.now() - start) / 1000));
    }
    const [median = 0] = rates.toSorted((a, b) => a - b).slice(Math.floor(ROUNDS / 2));
    const units = (store.units * 1000) / (BATCH * BATCHES);
    console.log(
      `${name}: ${Math.round(median)} records/s (median of ${ROUNDS}, ${Math.round(Math.min(...rates))}–${Math.round(Math.max(...rates))}); ` +
        `${Math.round(units)} write units per 1,000 events = US$ ${((units * PRICE_PER_MILLION) / 1e6).toFixed(5)}; ` +
        `${Math.round((BATCH * BATCHES) / store.transactions)} events per transaction`,
    );
  }
} finally {
  await dynamoDb.close();
}
