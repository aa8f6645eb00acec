import type { KinesisStreamEvent } from 'aws-lambda';
import { PIPELINES } from '../../services/stream-analytics/src/pipelines/index.ts';
import { metrics } from '../../services/stream-analytics/src/pipelines/metrics/pipeline.ts';
import {
  freshAnalyticsStore,
  startTestDynamoDb,
  type TestDynamoDb,
} from '../../services/stream-analytics/tests/support/dynamodb.ts';
import { machineFacts } from '../machine.ts';
import { readSizeOptions } from '../size-options.ts';
import { median } from '../statistics.ts';
import { counted } from './counting-store.ts';
import { batchesOf, MIXES, type Mix } from './generate.ts';
import { costOf, RATES, totalOf, type Work } from './prices.ts';
import {
  kinesisEvent,
  nowhere,
  ourHandler,
  parseAlone,
  powertoolsHandler,
  validateAndAdd,
} from './subjects.ts';

const MIN_OF_PARSE = { added: 0.53, handled: 0.35 };
const MIN_OF_POWERTOOLS = 10;
const BATCH = 500;
const MIXES_OF_A_KILOBYTE = 4;

type Print = (line: string) => void;

/** @throws LocalCloudError USAGE, or what parseArgs throws */
export async function runEvents(args: readonly string[], print: Print): Promise<0 | 1> {
  const { rounds, scale, check } = readSizeOptions(args, 7);
  print(`  ${machineFacts()}`);
  const ratios = await validateAndAggregate(rounds, scale, print);
  const dynamoDb = await startTestDynamoDb();
  try {
    const leads = await besideARecordAtATime(dynamoDb, scale, print);
    await whatItCosts(dynamoDb, scale, print);
    // Readings are far below a kilobyte, and there is little to parse in them.
    const ofKilobytes = ratios.slice(0, MIXES_OF_A_KILOBYTE);
    const added = median(ofKilobytes.map((one) => one.added));
    const handled = median(ofKilobytes.map((one) => one.handled));
    const isGood =
      added >= MIN_OF_PARSE.added &&
      handled >= MIN_OF_PARSE.handled &&
      Math.min(...leads) >= MIN_OF_POWERTOOLS;
    return check && !isGood ? 1 : 0;
  } finally {
    await dynamoDb.close();
  }
}

const eventsOf = (mix: Mix, batches: number, size = BATCH): KinesisStreamEvent[] =>
  batchesOf(mix, batches, size).map(kinesisEvent);

const whole = (value: number) => Math.round(value).toLocaleString('en');

/** Each round parses, adds up and handles the same records, one after the other. */
async function validateAndAggregate(rounds: number, scale: number, print: Print) {
  print('');
  print(
    '  records/s without a table:       JSON.parse alone   validated and added up   ratio   the handler, each event once   ratio',
  );
  const ratios: { added: number; handled: number }[] = [];
  for (const mix of MIXES.slice(0, 5)) {
    const batches = eventsOf(mix, Math.ceil(40 * scale));
    const records = batches.length * BATCH;
    const taken: { parse: number; add: number; handle: number }[] = [];
    for (let round = 0; round <= rounds; round += 1) {
      const handler = ourHandler([metrics], nowhere);
      const parse = await timed(batches, parseAlone);
      const add = await timed(batches, (batch) => validateAndAdd(batch, metrics));
      const handle = await timed(batches, handler);
      // The first round is the compiler's.
      if (round > 0) taken.push({ parse, add, handle });
    }
    const rate = (of: 'parse' | 'add' | 'handle') =>
      whole(records / (median(taken.map((one) => one[of])) / 1000));
    const added = median(taken.map(({ parse, add }) => parse / add));
    const handled = median(taken.map(({ parse, handle }) => parse / handle));
    ratios.push({ added, handled });
    print(
      `  ${mix.name.padEnd(30)} ${rate('parse').padStart(18)} ${rate('add').padStart(24)} ${added.toFixed(2).padStart(7)} ${rate('handle').padStart(30)} ${handled.toFixed(2).padStart(7)}`,
    );
  }
  return ratios;
}

async function timed(
  batches: readonly KinesisStreamEvent[],
  work: (batch: KinesisStreamEvent) => unknown,
): Promise<number> {
  const started = performance.now();
  for (const batch of batches) await work(batch);
  return performance.now() - started;
}

async function besideARecordAtATime(dynamoDb: TestDynamoDb, scale: number, print: Print) {
  print('');
  print(
    '  records/s with DynamoDB here:    a record at a time   in batches   ratio   events per transaction',
  );
  const leads: number[] = [];
  for (const mix of [MIXES[2], MIXES[4]] as const) {
    if (!mix) continue;
    const few = eventsOf(mix, 1, Math.ceil(BATCH * Math.min(1, scale * 4)));
    const slow = await freshAnalyticsStore(dynamoDb);
    const powertools = powertoolsHandler([metrics], slow);
    const slowly = await rateOf(few, powertools);
    const many = eventsOf(mix, Math.ceil(20 * scale));
    const { store, usage } = counted(await freshAnalyticsStore(dynamoDb));
    const quickly = await rateOf(many, ourHandler([metrics], store));
    leads.push(quickly / slowly);
    const perTransaction = (many.length * BATCH) / usage.transactions;
    print(
      `  ${mix.name.padEnd(30)} ${whole(slowly).padStart(20)} ${whole(quickly).padStart(12)} ${(quickly / slowly).toFixed(1).padStart(7)} ${whole(perTransaction).padStart(24)}`,
    );
  }
  return leads;
}

async function rateOf(
  batches: readonly KinesisStreamEvent[],
  handler: (event: KinesisStreamEvent) => Promise<{ batchItemFailures: readonly unknown[] }>,
): Promise<number> {
  const records = batches.reduce((sum, { Records }) => sum + Records.length, 0);
  const started = performance.now();
  for (const batch of batches) {
    const { batchItemFailures } = await handler(batch);
    if (batchItemFailures.length > 0) throw new Error('A batch was not done.');
  }
  return records / ((performance.now() - started) / 1000);
}

/** All pipelines of `countEvents`; the border and the stream by their list prices. */
async function whatItCosts(dynamoDb: TestDynamoDb, scale: number, print: Print) {
  print('');
  print('  per million events, all pipelines (US$, estimated at list prices):');
  print(
    '                                  events/s   write units/1,000   border   stream   functions    table    total',
  );
  for (const mix of MIXES) {
    for (const rate of RATES) {
      const work = await workOf(mix, rate.batch, dynamoDb, scale);
      const cost = costOf(mix.name.startsWith('readings') ? 'iot' : 'api', rate, work);
      const money = [cost.border, cost.stream, cost.functions, cost.table, totalOf(cost)];
      print(
        `  ${mix.name.padEnd(30)} ${whole(rate.eventsPerSecond).padStart(10)} ${whole(work.writesPerEvent * 1000).padStart(19)} ${money
          .map((dollars, at) => dollars.toFixed(2).padStart([8, 8, 11, 8, 8][at] ?? 8))
          .join(' ')}`,
      );
    }
  }
}

/** A transaction in AWS takes about as long, wherever it is sent from within the region. */
const TRANSACTION_SECONDS = 0.012;

async function workOf(
  mix: Mix,
  batch: number,
  dynamoDb: TestDynamoDb,
  scale: number,
): Promise<Work> {
  const batches = Math.max(2, Math.ceil((3_000 * scale) / batch));
  const { store, usage } = counted(await freshAnalyticsStore(dynamoDb));
  const handler = ourHandler(PIPELINES, store);
  const events = eventsOf(mix, batches, batch);
  for (const event of events) await handler(event);
  const records = batches * batch;
  const cpuStarted = performance.now();
  const dry = ourHandler(PIPELINES, nowhere);
  for (const event of events) await dry(event);
  const cpuSeconds = (performance.now() - cpuStarted) / 1000;
  return {
    writesPerEvent: usage.writes / records,
    readsPerEvent: usage.reads / records,
    secondsPerBatch: (usage.transactions * TRANSACTION_SECONDS + cpuSeconds) / batches,
  };
}
