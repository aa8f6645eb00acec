import type { EventType, MillraceEvent } from '@millrace/types';
import { partitionKeyOf } from '@millrace/types';
import {
  type Seeded,
  seeded,
} from '../../../services/stream-analytics/tests/known-answers/seeded.ts';
import { type Draw, isoOf, TENANTS, type Tenant } from './draw.ts';
import { activityMaker, clickMaker, logMaker, postMaker } from './people.ts';
import { documentMaker, orderMaker, telemetryMaker } from './things.ts';

export interface MadeEvent {
  readonly event: MillraceEvent;
  readonly tenant: Tenant;
  /** Whom it is about. */
  readonly key: string;
  /** Must reach the stream after the earlier events of its key. */
  readonly inOrder: boolean;
}

/** In a thousand. */
const SHARES: readonly (readonly [EventType, number])[] = [
  ['millrace.activity.v1', 260],
  ['millrace.log.v1', 260],
  ['millrace.click.v1', 250],
  ['millrace.telemetry.v1', 140],
  ['millrace.post.v1', 46],
  ['millrace.order.v1', 40],
  ['millrace.document.v1', 4],
];
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** Busy streams have thousands of events in a minute; a small run shall have several minutes, too. */
const EVENTS_PER_MINUTE = 2_800;
const FEWEST_MINUTES = 5;

/** Over how much event time so many events are spread. */
export function spanOf(events: number): number {
  return Math.max(FEWEST_MINUTES, Math.ceil(events / EVENTS_PER_MINUTE)) * MINUTE_MS;
}

/**
 * All that happens, one event after the other, from a seed: seven types, four tenants of which one has
 * seven tenths, event times that go on from `from` over `spanOf(size)`, and one in a hundred late.
 */
export function createWorld(seed: number, size: number, from: number): { next(): MadeEvent } {
  const chance = seeded(seed);
  const makers = Object.fromEntries(TENANTS.map((tenant) => [tenant, makersOf(tenant)]));
  const step = spanOf(size) / size;
  let made = 0;
  return {
    next() {
      const tenant = chance.next() < 0.7 ? 'hot' : chance.pick(TENANTS);
      const type = typeOf(chance);
      const now = Math.floor(from + made * step);
      made += 1;
      // What follows from the order of its events is stamped in that order.
      const inOrder = type === 'millrace.order.v1' || type === 'millrace.document.v1';
      const when = inOrder ? now : now - lateness(chance);
      const data = makers[tenant]?.[type]({ chance, now, when });
      const event = {
        specversion: '1.0',
        id: `e${made}`,
        source: `/soak/${seed}`,
        type,
        time: isoOf(when),
        tenant,
        data,
      } as MillraceEvent;
      return { event, tenant, key: partitionKeyOf(event, tenant), inOrder };
    },
  };
}

type Maker = (draw: Draw) => object;

function makersOf(tenant: Tenant): Readonly<Record<EventType, Maker>> {
  return {
    'millrace.activity.v1': activityMaker(),
    'millrace.click.v1': clickMaker(),
    'millrace.order.v1': orderMaker(),
    'millrace.log.v1': logMaker(),
    'millrace.post.v1': postMaker(),
    'millrace.telemetry.v1': telemetryMaker(tenant),
    'millrace.document.v1': documentMaker(),
  };
}

function typeOf(chance: Seeded): EventType {
  let left = chance.whole(0, 999);
  for (const [type, share] of SHARES) {
    if (left < share) return type;
    left -= share;
  }
  return 'millrace.activity.v1';
}

/**
 * Seconds mostly; of a hundred events one is late, of those one in five by 40 to 300 days: too late for
 * the bill of its month in any case.
 */
function lateness(chance: Seeded): number {
  if (chance.next() >= 0.01) return chance.whole(0, 15_000);
  if (chance.next() < 0.8) return chance.whole(MINUTE_MS, 20 * MINUTE_MS);
  return chance.whole(40 * DAY_MS, 300 * DAY_MS);
}
