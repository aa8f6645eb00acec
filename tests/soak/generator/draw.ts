import type { Seeded } from '../../../services/stream-analytics/tests/known-answers/seeded.ts';

/** What makers of events are given: chance, and the time to stamp. */
export interface Draw {
  readonly chance: Seeded;
  /** Event time in milliseconds; grows from event to event. */
  readonly now: number;
  /** The same, or minutes to months before it: a few events come late. */
  readonly when: number;
}

/** Tenants, the first of which has most of the events. */
export const TENANTS = ['hot', 'acme', 'globex', 'initech'] as const;
export type Tenant = (typeof TENANTS)[number];

export const isoOf = (ms: number) => new Date(ms).toISOString();

/** Whole thousandths, as the sums of the soak are kept. */
export const thousandths = (chance: Seeded, least: number, most: number) =>
  chance.whole(least * 1000, most * 1000) / 1000;
