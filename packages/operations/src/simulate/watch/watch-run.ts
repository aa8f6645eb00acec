import type { ApiClient } from '../../demo/api-client.ts';
import type { LiveLine } from '../../terminal/live-line.ts';
import type { ExpectedFleet } from '../expected/expected.ts';
import { addSums, NOTHING } from '../expected/sum.ts';
import { isOverQuota } from '../expected/totals.ts';
import type { Tally } from '../fleet/tally.ts';
import type { FleetPlan } from '../plan/message.ts';
import type { FleetRun } from '../plan/payload.ts';
import { readMetric, type Span } from '../platform/read-metric.ts';
import type { Sighting } from './latencies.ts';
import { watchCounting } from './watch-counting.ts';

/** The readings of clocks that are not far wrong: one question shows them all. */
const NEAR_MS = 15 * 60_000;
const SHOWN_EVERY_MS = 500;

export interface Watched {
  readonly sightings: readonly Sighting[];
  /** `performance.now()` of the beginning and of the end of sending. */
  readonly from: number;
  readonly sentAt: number;
  /** Of the readings that the sightings count, when each was first acknowledged. */
  readonly acknowledgedAt: readonly number[];
}

/**
 * Shows how far a run is until all of it was sent and what is near in time is counted, or nothing moves
 * any more.
 *
 * @throws what `sent` rejects with
 */
export async function watchRun(
  sent: Promise<void>,
  options: {
    readonly apis: readonly ApiClient[];
    readonly run: FleetRun;
    readonly plan: FleetPlan;
    readonly expected: ExpectedFleet;
    readonly tally: Tally;
    readonly timeoutMs: number;
    readonly progress: LiveLine;
  },
): Promise<Watched> {
  const { apis, run, plan, expected, tally, progress } = options;
  const from = performance.now();
  const span: Span = {
    from: run.startedAt - NEAR_MS,
    to: run.startedAt + plan.options.minutes * 60_000 + NEAR_MS,
  };
  const isNear = ({ instant }: { readonly instant: number }) =>
    instant >= minuteOf(span.from) && instant < span.to;
  const isCounted = ({ key }: { readonly key: string }) => !tally.told.has(key);
  let sentAt: number | undefined;
  let counted = 0;
  const planned = expected.sends.messages;
  const show = () =>
    progress.show(
      `${tally.connected} connected · ${tally.sent} of ${planned} sent, ${tally.acknowledged} acknowledged · ${tally.drops} drops · ${counted} of ${tally.firstAcknowledged.filter(isNear).length} counted`,
    );
  const ticks = setInterval(show, SHOWN_EVERY_MS);
  try {
    const watching = watchCounting({
      async look() {
        const maps = await Promise.all(
          apis.map((api) => readMetric(api, 'telemetry', 'deviceId', span)),
        );
        counted = maps.flatMap((map) => [...map.values()]).reduce(addSums, NOTHING).count;
        return { counted, expected: expectedNow() };
      },
      isSent: () => sentAt !== undefined,
      timeoutMs: options.timeoutMs,
    });
    const sending = sent.then(() => {
      sentAt = performance.now();
      progress.say('All is sent: waiting until it is counted');
    });
    const [sightings] = await Promise.all([watching, sending]);
    const near = tally.firstAcknowledged.filter((one) => isNear(one) && isCounted(one));
    return {
      sightings,
      ...{ from, sentAt: sentAt ?? performance.now() },
      acknowledgedAt: near.map(({ at }) => at),
    };
  } finally {
    clearInterval(ticks);
  }

  function expectedNow(): number {
    const told = new Set(tally.told.keys());
    return expected.devices.reduce((sum, device) => {
      const near = device.readings.filter(
        (reading) =>
          isNear(reading) && !(device.babbles && isOverQuota(told, device.deviceId, reading)),
      );
      return sum + near.length;
    }, 0);
  }
}

/** A minute that a span touches belongs to it as a whole. */
function minuteOf(instant: number): number {
  return Math.floor(instant / 60_000) * 60_000;
}
