/**
 * List prices in us-east-1, US$, as of November 2026.
 * https://aws.amazon.com/dynamodb/pricing/on-demand/, …/lambda/pricing/, …/kinesis/data-streams/pricing/,
 * …/api-gateway/pricing/, …/iot-core/pricing/
 */
const PRICES = {
  writeUnits: 0.625e-6,
  readUnits: 0.125e-6,
  invocation: 0.2e-6,
  gigabyteSecond: 16.6667e-6,
  shardHour: 0.015,
  /** Of 25 KB. */
  putUnit: 0.014e-6,
  httpRequest: 1e-6,
  /** A message of up to 5 KB, a rule and its action. */
  iotMessage: 1e-6 + 0.15e-6 + 0.15e-6,
} as const;

export interface Rate {
  readonly eventsPerSecond: number;
  readonly shards: number;
  /** Events of one shard that wait for each other in a second, the batching window. */
  readonly batch: number;
}

/** A shard takes 1,000 records or 1 MB a second; a second one is there in any case. */
export const RATES: readonly Rate[] = [
  { eventsPerSecond: 10, shards: 2, batch: 5 },
  { eventsPerSecond: 1_000, shards: 2, batch: 500 },
  { eventsPerSecond: 10_000, shards: 12, batch: 833 },
];

export interface Work {
  readonly writesPerEvent: number;
  readonly readsPerEvent: number;
  readonly secondsPerBatch: number;
}

const GIGABYTES = 0.5;
/** The client's batch: what the demo and `packages/client` send at once. */
const EVENTS_PER_REQUEST = 25;
/** A device's reading is an invocation of `ingestReading`: 256 MB for some 20 ms. */
const READING = { gigabytes: 0.25, seconds: 0.02 };

export interface Cost {
  readonly border: number;
  readonly stream: number;
  readonly functions: number;
  readonly table: number;
}

/** US$ per million events on the whole way. */
export function costOf(
  via: 'api' | 'iot',
  { eventsPerSecond, shards, batch }: Rate,
  work: Work,
): Cost {
  const { writesPerEvent, readsPerEvent, secondsPerBatch } = work;
  const million = 1e6;
  const lambda = (seconds: number, gigabytes: number) =>
    PRICES.invocation + seconds * gigabytes * PRICES.gigabyteSecond;
  const border =
    via === 'api'
      ? (PRICES.httpRequest + lambda(0.03, GIGABYTES)) / EVENTS_PER_REQUEST
      : PRICES.iotMessage + lambda(READING.seconds, READING.gigabytes);
  const hours = million / eventsPerSecond / 3_600;
  return {
    border: border * million,
    stream: hours * shards * PRICES.shardHour + million * PRICES.putUnit,
    functions: (million / batch) * lambda(secondsPerBatch, GIGABYTES),
    table: million * (writesPerEvent * PRICES.writeUnits + readsPerEvent * PRICES.readUnits),
  };
}

export const totalOf = ({ border, stream, functions, table }: Cost) =>
  border + stream + functions + table;
