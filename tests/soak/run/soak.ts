import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { differences } from '../../faults/audit/compare.ts';
import { type Platform, startPlatform } from '../../faults/platform/platform.ts';
import type { RecordedService } from '../../faults/platform/registrations.ts';
import { type Clients, createClients } from '../../faults/workload/clients.ts';
import { createExpectation, type Expected } from '../expected/expectation.ts';
import { Totals } from '../expected/totals.ts';
import { spanOf } from '../generator/world.ts';
import { readArchive } from '../stored/archive.ts';
import { totalDifferences } from '../stored/compare.ts';
import { readStream, type StreamContent } from '../stored/stream.ts';
import { readCounters, readLetters, readNewest, readStates } from '../stored/tables.ts';
import { comesToRest, mappingsOf } from './at-rest.ts';
import { type Course, createCourse, SERVICE } from './course.ts';
import { planOf } from './plan.ts';
import { createProducer, type Producer } from './producer.ts';
import { createSending, type Sending, type SendingOptions } from './sending.ts';

export interface SoakOptions extends Omit<SendingOptions, 'from'> {
  /** How long all of it may take. */
  readonly minutes: number;
  readonly kills: number;
  /** Told now and then how far it is. */
  readonly onProgress?: (line: string) => void;
  /** Called when all is at rest, before what is stored is compared. */
  readonly meddle?: (clients: Clients) => Promise<void>;
}

export interface SoakResult {
  readonly differences: readonly string[];
  /** Names that were compared. */
  readonly compared: number;
  readonly figures: Readonly<Record<string, number | string>>;
}

/** The services that are on the way of an event; the second owns the table that documents are found by. */
export const SOAKED = [SERVICE, 'file-processing'] as const;

const STREAM = 'millrace-local-events';
/** Records that the slowest function may be behind, and of a small run which share of it. */
const MOST_BEHIND = 15_000;
const BEHIND_OF_ALL = 0.25;
/** For coming to rest, also where the time is up. */
const SHORTEST_REST_MS = 60_000;
const LOOK_EVERY_MS = 100;
const TELL_EVERY_MS = 10_000;
/** Of the time, what is kept for coming to rest and for comparing. */
const RESERVED = 0.25;
const MOST_RESERVED_MS = 6 * 60_000;
const MEMORY_FILES = '/dev/shm';

/** Where what is written lies: in memory where there are such files, as its disk is synced at each write. */
export const stateFolder = () => (existsSync(MEMORY_FILES) ? MEMORY_FILES : tmpdir());

export async function runSoak(
  services: readonly RecordedService[],
  options: SoakOptions,
): Promise<SoakResult> {
  const platform = await startPlatform(services, {
    folder: stateFolder(),
    skipsTime: false,
    kinesisShardLimits: false,
  });
  const clients = createClients(platform);
  try {
    return await soak(platform, clients, options);
  } finally {
    clients.destroy();
    await platform.close();
  }
}

interface Soak {
  readonly platform: Platform;
  readonly clients: Clients;
  readonly options: SoakOptions;
  readonly producer: Producer;
  readonly sending: Sending;
  readonly course: Course;
  /** Milliseconds since it began. */
  readonly elapsed: () => number;
}

async function soak(
  platform: Platform,
  clients: Clients,
  options: SoakOptions,
): Promise<SoakResult> {
  const startedAt = performance.now();
  const from = Date.now() - spanOf(options.events);
  const expectation = createExpectation(from);
  const producer = createProducer(clients.kinesis, STREAM);
  const sending = createSending({ ...options, from }, { producer, expectation });
  const course = createCourse(platform, clients.kinesis, { ...options, stream: STREAM });
  const elapsed = () => performance.now() - startedAt;
  const run: Soak = { platform, clients, options, producer, sending, course, elapsed };

  platform.cloud.faults.use(planOf(options.seed));
  await sendAll(run);
  const sentMs = elapsed();
  const content = await readStream(clients.kinesis, STREAM);
  const limitMs = Math.max(SHORTEST_REST_MS, options.minutes * 60_000 - sentMs);
  const isAtRest = await comesToRest(platform, content.ends, limitMs);
  const figures = { ...figuresOf(run, content), 'seconds of sending': Math.round(sentMs / 1000) };
  // What is read to compare must not meet faults.
  platform.cloud.faults.use(undefined);
  await options.meddle?.(clients);
  options.onProgress?.(`at rest after ${Math.round(elapsed() / 1000)} s; comparing`);
  const expected = expectation.close();
  const differing = await compare(clients, expected, content);
  return {
    differences: [...unfinished(platform, isAtRest), ...differing],
    compared: expected.totals.size + expected.states.size + content.letters.size,
    figures: { ...figures, 'seconds with comparing': Math.round(elapsed() / 1000) },
  };
}

/** All events, or as many as the time allows, no faster than they are worked off. */
async function sendAll(run: Soak): Promise<void> {
  const { options, sending, course, elapsed } = run;
  const boxMs = options.minutes * 60_000;
  const sendUntil = boxMs - Math.min(boxMs * RESERVED, MOST_RESERVED_MS);
  const mostBehind = Math.min(MOST_BEHIND, BEHIND_OF_ALL * options.events);
  const isOpen = () => sending.counts.events < options.events && elapsed() < sendUntil;
  let looked = 0;
  let told = 0;
  while (isOpen()) {
    await sending.next();
    if (elapsed() - looked < LOOK_EVERY_MS) continue;
    do {
      looked = elapsed();
      await course.at(sending.counts.events / options.events, looked / sendUntil);
      if (looked - told > TELL_EVERY_MS) {
        told = looked;
        options.onProgress?.(progressOf(run));
      }
      if (behind(run) > mostBehind) await sleep(LOOK_EVERY_MS);
    } while (behind(run) > mostBehind && isOpen());
  }
  await sending.close();
  while (!(await course.end())) await sleep(LOOK_EVERY_MS);
}

/** Records that the slowest function has still to do. */
function behind({ platform, producer }: Soak): number {
  const done = mappingsOf(platform).map(({ delivered }) => delivered);
  return Math.max(0, producer.taken - Math.min(...done));
}

function progressOf(run: Soak): string {
  const { options, sending, course, elapsed } = run;
  const { events } = sending.counts;
  const left = behind(run);
  const rate = Math.round((events - left) / (elapsed() / 1000));
  return `${events} of ${options.events} events, ${rate}/s, ${left} records behind, ${course.kills} kills, ${Math.round(elapsed() / 1000)} s`;
}

function figuresOf({ platform, producer, sending, elapsed }: Soak, content: StreamContent) {
  const mappings = mappingsOf(platform);
  const sumOf = (part: 'retried' | 'splits' | 'throttles') =>
    mappings.reduce((sum, mapping) => sum + mapping[part], 0);
  const { writeUnits, peakMemory } = platform.used(SERVICE);
  const { events } = sending.counts;
  return {
    ...sending.counts,
    'sent again after a refusal or a lost answer': producer.resent,
    'records on the stream': content.records,
    'dead letters': content.letters.size,
    shards: content.shards,
    'seconds until all was done': Math.round(elapsed() / 1000),
    'events per second': Math.round(events / (elapsed() / 1000)),
    'processes killed': platform.deaths(),
    'invocations throttled': sumOf('throttles'),
    'records retried': sumOf('retried'),
    'batches split': sumOf('splits'),
    ...platform.cloud.faults.status()?.injected,
    'write units per 1,000 events': Math.round((1000 * writeUnits) / events),
    'peak memory of the functions, MB': peakMemory,
    'peak memory of cloud and sender, MB': Math.round(process.resourceUsage().maxRSS / 1024),
  };
}

function unfinished(platform: Platform, isAtRest: boolean): string[] {
  const discarded = mappingsOf(platform).reduce((sum, mapping) => sum + mapping.discarded, 0);
  return [
    ...(isAtRest ? [] : ['some records are not done when the time is up']),
    ...(discarded > 0 ? [`${discarded} records were given up`] : []),
  ];
}

async function compare(
  { dynamo, s3 }: Clients,
  expected: Expected,
  content: StreamContent,
): Promise<string[]> {
  const stored = new Totals();
  await readCounters(dynamo, stored);
  await readStates(dynamo, stored);
  const doubled = await readArchive(s3, stored);
  return [
    ...totalDifferences(stored, expected.totals),
    ...doubled,
    ...differences('state of', await readNewest(dynamo), expected.states),
    ...differences('dead letter', await readLetters(dynamo), content.letters),
  ];
}
