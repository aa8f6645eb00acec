/**
 * How fast batches are decoded, validated and counted against the local DynamoDB engine, and how
 * many writes they cost. Run: `pnpm bench` in this folder.
 */
import { countRecords } from '../src/domain/counting/count-records.ts';
import type { CountStore } from '../src/domain/counting/count-store.ts';
import { type IncomingEvent, parseJson, readEvent } from '../src/domain/incoming-event.ts';
import { unpaced } from '../tests/model/deliver.ts';
import { clickEvent, telemetryEvent } from '../tests/model/events.ts';
import { freshCountStore, startTestDynamoDb } from '../tests/support/dynamodb.ts';

const BATCH = 500;
const BATCHES = 20;
const ROUNDS = 5;

/** US$ per million write request units: on demand, us-east-1, since November 2024. */
const PRICE_PER_MILLION = 0.625;
/** A transactional write of an item of up to 1 KB. */
const UNITS_PER_ACTION = 2;

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

function counting(store: CountStore): CountStore & { actions: number; transactions: number } {
  return {
    actions: 0,
    transactions: 0,
    commit(claims, increments) {
      this.actions += claims.length + increments.length;
      this.transactions += 1;
      return store.commit(claims, increments);
    },
  };
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
    let store = counting(await freshCountStore(dynamoDb));
    for (let round = 0; round < ROUNDS; round += 1) {
      store = counting(await freshCountStore(dynamoDb));
      const start = performance.now();
      for (const batch of batches) {
        const records = batch.map((data, at) => ({
          sequenceNumber: String(at),
          value: readEvent(parseJson(data)),
        }));
        await countRecords(records, {
          store,
          pacing: unpaced,
          putAside: (_, cause) => Promise.reject(cause),
        });
      }
      rates.push((BATCH * BATCHES) / ((performance.now() - start) / 1000));
    }
    const [median = 0] = rates.toSorted((a, b) => a - b).slice(Math.floor(ROUNDS / 2));
    const units = (store.actions * UNITS_PER_ACTION * 1000) / (BATCH * BATCHES);
    console.log(
      `${name}: ${Math.round(median)} records/s (median of ${ROUNDS}, ${Math.round(Math.min(...rates))}–${Math.round(Math.max(...rates))}); ` +
        `${Math.round(units)} write units per 1,000 events = US$ ${((units * PRICE_PER_MILLION) / 1e6).toFixed(5)}; ` +
        `${Math.round((BATCH * BATCHES) / store.transactions)} events per transaction`,
    );
  }
} finally {
  await dynamoDb.close();
}
