import type { ExpectedFleet } from '../expected/expected.ts';
import type { Tally } from '../fleet/tally.ts';
import type { Figures } from '../simulation-report.ts';
import { visibleAfter } from './latencies.ts';
import type { Watched } from './watch-run.ts';

/** What a run was like, from when things were sent, acknowledged and seen. */
export function figuresOf(
  { sightings, from, sentAt, acknowledgedAt }: Watched,
  { sends }: ExpectedFleet,
  tally: Tally,
  plannedMs: number,
): Figures {
  const most = sightings.reduce((count, one) => Math.max(count, one.count), 0);
  const caughtUpAt = sightings.find(({ count }) => count === most)?.at ?? sentAt;
  const visibleAfterMs = visibleAfter(acknowledgedAt, sightings);
  return {
    messages: tally.acknowledged,
    wantedPerSecond: (sends.messages * 1000) / plannedMs,
    achievedPerSecond: (tally.acknowledged * 1000) / (sentAt - from),
    sendingMs: sentAt - from,
    countedPerSecond: (most * 1000) / (caughtUpAt - from),
    catchingUpMs: Math.max(0, caughtUpAt - sentAt),
    ...(visibleAfterMs && { visibleAfterMs }),
    losses: tally.losses,
    overQuota: [...tally.told.keys()].filter((key) => key.split(' ')[1] === 'quota_exceeded')
      .length,
  };
}
