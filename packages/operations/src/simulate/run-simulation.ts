import { randomUUID } from 'node:crypto';
import type { CloudStatus } from '@millrace/local-cloud/status';
import type { Targets } from '../demo/targets.ts';
import { readStatus } from '../mappings/read-status.ts';
import type { LiveLine } from '../terminal/live-line.ts';
import { compareDevices } from './compare/compare-devices.ts';
import { compareMetrics } from './compare/compare-metrics.ts';
import { compareDeadLetters, compareRefusals } from './compare/compare-refusals.ts';
import { compareSends } from './compare/compare-sends.ts';
import type { Line } from './compare/line.ts';
import { untilStill } from './compare/until-still.ts';
import { type ExpectedFleet, expectedOf } from './expected/expected.ts';
import { totalsOf } from './expected/totals.ts';
import { deviceAddresses, readAuthority } from './fleet/addresses.ts';
import { createFleet, type Fleet } from './fleet/fleet.ts';
import { registerFleet } from './fleet/register-fleet.ts';
import { createTally, type Tally } from './fleet/tally.ts';
import type { FleetOptions, FleetPlan } from './plan/message.ts';
import type { FleetRun } from './plan/payload.ts';
import { planFleet } from './plan/plan-fleet.ts';
import { readDeadLetters } from './platform/dead-letters.ts';
import type { Span } from './platform/read-metric.ts';
import type { SimulationReport } from './simulation-report.ts';
import { signInTenants } from './tenants.ts';
import { figuresOf } from './watch/figures.ts';
import { watchRun } from './watch/watch-run.ts';

export interface SimulationOptions {
  readonly fleet: FleetOptions;
  readonly targets: Targets;
  /** Of the local cloud: where its certificate authority lies. */
  readonly stateDir: string;
  /** How long the platform may stand still. */
  readonly timeoutMs: number;
  readonly progress: LiveLine;
}

/** What is taken lies between 400 days before its arrival and a day after it. */
const HORIZON = { pastMs: 401 * 86_400_000, futureMs: 3 * 86_400_000 };

/**
 * Lets a fleet of devices do what its seed says, waits until the platform has caught up, and compares
 * what it reports with what the plan adds up to.
 *
 * @throws Error where the stack cannot be reached, or a device cannot get through
 */
export async function runSimulation(options: SimulationOptions): Promise<SimulationReport> {
  const { targets, progress, timeoutMs } = options;
  const runId = `sim-${randomUUID().slice(0, 8)}`;
  const status = await readStatus(targets.edgeUrl);
  const ca = await readAuthority(options.stateDir);
  const plan = planFleet({ ...options.fleet, tls: ca ? options.fleet.tls : 0 });
  progress.say(`Run ${runId}, seed ${plan.options.seed}: ${describePlan(plan)}`);
  const tally = createTally();
  const fleet = await setUpFleet(plan, { runId, tally, status, ca }, options);
  try {
    await fleet.connect();
    progress.say(`${tally.connected} devices are connected`);
    const run = { runId, startedAt: Date.now() + status.clock.offsetMs };
    const expected = expectedOf(plan, run);
    const { apis } = await signInTenants(targets, runId, plan.options.devices);
    const sent = fleet.send(run);
    const watched = await watchRun(sent, { apis, run, plan, expected, tally, timeoutMs, progress });
    const lines = await compareAll({ plan, expected, run, tally }, options);
    const wrong = lines.filter(({ right }) => !right).length;
    return {
      runId,
      ...plan.options,
      right: lines.length - wrong,
      wrong,
      lines,
      figures: figuresOf(watched, expected, tally, plan.options.minutes * 60_000),
    };
  } finally {
    progress.end();
    await fleet.close();
  }
}

function describePlan({ options, devices }: FleetPlan): string {
  const { rate, minutes, tls } = options;
  const steps = devices.reduce((sum, device) => sum + device.steps.length, 0);
  return `${options.devices} devices (${Math.min(tls, options.devices)} with certificates) and ${devices.length - options.devices} strangers, ${steps} steps, ${rate}/s each for ${minutes} min`;
}

async function setUpFleet(
  plan: FleetPlan,
  known: {
    readonly runId: string;
    readonly tally: Tally;
    readonly status: CloudStatus;
    readonly ca: Buffer | undefined;
  },
  { targets, progress }: SimulationOptions,
): Promise<Fleet> {
  const { runId, tally, status, ca } = known;
  const { apiOf } = await signInTenants(targets, runId, plan.options.devices);
  let registered = 0;
  const credentials = await registerFleet(plan, {
    run: { runId },
    apiOf,
    onRegistered() {
      registered += 1;
      progress.show(`registering: ${registered} devices`);
    },
  });
  progress.say(`${registered} devices are registered, ${credentials.size} with a certificate`);
  const urls = { mqtt: targets.mqttUrl, mqtts: status.addresses.mqtts };
  return createFleet(plan, { runId, tally, addressOf: deviceAddresses(urls, ca, credentials) });
}

async function compareAll(
  done: {
    readonly plan: FleetPlan;
    readonly expected: ExpectedFleet;
    readonly run: FleetRun;
    readonly tally: Tally;
  },
  { targets, timeoutMs, progress }: SimulationOptions,
): Promise<Line[]> {
  const { plan, expected, run, tally } = done;
  const { apis, apiOf } = await signInTenants(targets, run.runId, plan.options.devices);
  const arrived: Span = { from: run.startedAt, to: Date.now() };
  const span = { from: run.startedAt - HORIZON.pastMs, to: arrived.to + HORIZON.futureMs };
  const told = () => new Set(tally.told.keys());
  progress.say('Comparing what the platform reports');
  const totals = await untilStill(
    async () => [
      ...compareRefusals(expected.refusals, told()),
      ...compareDeadLetters(expected.kept, await readDeadLetters(targets, `${run.runId}-`)),
      ...(await compareMetrics(apis, span, totalsOf(expected, told()))),
    ],
    { timeoutMs },
  );
  const devices = await untilStill(
    () =>
      compareDevices(expected, {
        ...{ told: told(), arrived, apiOf },
        onCompared: (count, of) => progress.show(`comparing: ${count} of ${of} devices`),
      }),
    { timeoutMs },
  );
  return [...compareSends(expected.sends, tally), ...totals, ...devices];
}
