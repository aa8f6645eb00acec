import { auditDeadLetters, closeDeadLetters } from './audit/dead-letters.ts';
import { auditDocuments } from './audit/documents.ts';
import { auditFiles } from './audit/files.ts';
import { type Lake, openLake } from './audit/lake.ts';
import { type Ledger, openLedger } from './audit/ledger.ts';
import { becomesQuiet, type GivenUp, redrive, takeGivenUp } from './audit/settle.ts';
import { auditMetrics, auditOrders } from './audit/tables.ts';
import { type Platform, startPlatform } from './platform/platform.ts';
import type { RecordedService } from './platform/registrations.ts';
import { createApiClient } from './workload/api-client.ts';
import { changeRegistry } from './workload/change-registry.ts';
import { createClients, signUp } from './workload/clients.ts';
import { contents } from './workload/contents.ts';
import { persistBy } from './workload/persist.ts';
import { placeOrders } from './workload/place-orders.ts';
import { nothingExpected, type Run } from './workload/run.ts';
import { type Scenario, scenarioOf } from './workload/scenario.ts';
import { sendDocuments } from './workload/send-documents.ts';
import { sendEvents, sendStrays } from './workload/send-events.ts';
import { sendReadings } from './workload/send-readings.ts';
import { uploadFiles } from './workload/upload-files.ts';

export interface SeedResult {
  readonly seed: number;
  /** How what is stored differs from what was sent; empty when all reconciles. */
  readonly mismatches: readonly string[];
  /** Inputs sent, repetitions included. */
  readonly sent: number;
  /** By `area.kind`. */
  readonly injected: Readonly<Record<string, number>>;
  readonly givenUp: number;
  readonly milliseconds: number;
}

/** Seeds one after the other on one platform. */
export interface Session {
  run(seed: number): Promise<SeedResult>;
  /** The platform has skipped so much time that tokens and signed URLs would soon be too old. */
  readonly isOld: boolean;
  close(): Promise<void>;
}

/** Tokens and signed URLs last an hour. */
const OLD_AFTER_MS = 35 * 60_000;
/** How long a run goes on under its faults when everything has been sent, in milliseconds. */
const UNDER_FAULTS_MS = 500;
const SETTLE_LIMIT_MS = 60_000;
/** Given-up inputs of given-up inputs: without faults there are none. */
const MOST_REDRIVES = 3;

export async function openSession(services: readonly RecordedService[]): Promise<Session> {
  const platform = await startPlatform(services);
  const clients = createClients(platform);
  const ledger = openLedger(platform, clients);
  const lake = openLake();
  const samples = await contents();
  const persist = persistBy(platform.clock);

  async function send(run: Run, scenario: Scenario): Promise<void> {
    await Promise.all([
      sendEvents(run, scenario),
      sendStrays(run, scenario),
      placeOrders(run, scenario),
      uploadFiles(run, scenario, samples),
      sendReadings(run, scenario),
      changeRegistry(run, scenario),
      sendDocuments(run, scenario),
    ]);
  }

  return {
    get isOld() {
      return platform.clock.offsetMs > OLD_AFTER_MS;
    },
    async run(seed) {
      const startedAt = performance.now();
      const scenario = scenarioOf(seed);
      const tenant = `t${seed}`;
      const token = await signUp(clients, tenant);
      const run: Run = {
        ...{ platform, clients, tenant, persist, expected: nothingExpected() },
        api: createApiClient(platform, persist, tenant, token),
      };
      const deaths = platform.deaths();
      platform.prepare(scenario.stops, skewOf(scenario));
      platform.cloud.faults.use(scenario.plan);
      const mismatches: string[] = [];
      try {
        await send(run, scenario);
        await becomesQuiet(run, ledger, UNDER_FAULTS_MS);
      } catch (error) {
        mismatches.push(`while sending: ${describe(error)}`);
      }
      const injected = platform.cloud.faults.status()?.injected ?? {};
      platform.cloud.faults.use(undefined);
      platform.prepare('calls', () => 0);
      const givenUp = await settle(run, ledger, mismatches);
      // The token is of the machine's time: however much was skipped, it is good for what asks now.
      platform.prepare('calls', (folder) => (folder === 'api' ? -platform.clock.offsetMs : 0));
      mismatches.push(...(await audit(run, ledger, lake)));
      await closeDeadLetters(run);
      ledger.turnPage();
      const died = platform.deaths() - deaths;
      return {
        ...{ seed, mismatches, givenUp },
        sent: run.expected.sent,
        injected: died > 0 ? { ...injected, 'processes.killed': died } : injected,
        milliseconds: performance.now() - startedAt,
      };
    },
    async close() {
      clients.destroy();
      await platform.close();
    },
  };
}

/** Waits for the end of everything, and redrives what was given up until nothing is left. */
async function settle(run: Run, ledger: Ledger, mismatches: string[]): Promise<number> {
  let count = 0;
  for (let round = 0; round <= MOST_REDRIVES; round += 1) {
    if (!(await becomesQuiet(run, ledger, SETTLE_LIMIT_MS))) {
      mismatches.push(`something is still under way: ${inFlight(run.platform)}`);
      return count;
    }
    const givenUp = await takeGivenUp(run);
    if (givenUp.length === 0) return count;
    count += givenUp.length;
    for (const one of givenUp) {
      const problem = await accountFor(run, one).catch(describe);
      if (problem) mismatches.push(problem);
    }
  }
  mismatches.push('inputs are given up also without faults');
  return count;
}

/** What was given up is sent again; what can never succeed must be known as such. */
async function accountFor(run: Run, one: GivenUp): Promise<string | undefined> {
  // A batch of a stream has a hundred retries, and a rule hands its messages to a queue.
  if (one.payload === undefined && !one.work) return `${one.queue} holds ${one.condition}`;
  const key = uploadedKey(one.payload);
  if (key !== undefined && run.expected.impostors.has(key)) return undefined;
  await redrive(run, one);
  return undefined;
}

function uploadedKey(payload: unknown): string | undefined {
  const { Records } = (payload ?? {}) as { Records?: [{ s3?: { object: { key: string } } }] };
  const key = Records?.[0]?.s3?.object.key;
  return key && decodeURIComponent(key.replaceAll('+', ' '));
}

async function audit(run: Run, ledger: Ledger, lake: Lake): Promise<string[]> {
  const audits = [
    auditMetrics(run),
    auditOrders(run),
    auditFiles(run),
    auditDocuments(run),
    auditDeadLetters(run, ledger),
    lake.audit(run, ledger),
  ];
  return (await Promise.all(audits)).flat();
}

/** One draw for each service, within what the plan allows. */
function skewOf({ plan }: Scenario): (folder: string) => number {
  const [from, to] = plan.clock?.skewMs ?? [0, 0];
  return (folder) => {
    let share = plan.seed;
    for (const letter of folder) share = (share * 31 + letter.charCodeAt(0)) % 1_000_003;
    return from + ((to - from) * share) / 1_000_003;
  };
}

function inFlight({ cloud, clock, running }: Platform): string {
  const { asynchronousInvocations, mappings } = cloud.status();
  // What is quiet is left out: it would hide the rest.
  const busy = mappings.filter(({ id }) => id.includes('file-processing'));
  const seconds = Math.round(clock.offsetMs / 1000);
  return JSON.stringify({ seconds, running: running(), asynchronousInvocations, busy });
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause ? `${error.message} (${describe(error.cause)})` : error.message;
}
