import { hash } from 'node:crypto';
import type { EventOf } from '@millrace/types';
import type {
  AnalyticsStore,
  StoredState,
  Transaction,
} from '../../domain/engine/analytics-store.ts';
import { type Pacing, waitForTurn } from '../../domain/engine/pacing.ts';
import { stateRef } from '../../domain/engine/pipeline.ts';
import { type RevenueEvidence, withEvent } from './revenue-evidence.ts';
import { bookingOf, cellsBetween, type RevenueSlice } from './revenue-slices.ts';

/** States and counters, which a transaction writes together or not at all. */
export type RevenueStore = Pick<AnalyticsStore, 'readStates' | 'commit'>;

export interface RevenuePorts {
  readonly store: RevenueStore;
  readonly pacing: Pacing;
}

interface Order {
  readonly tenant: string;
  readonly orderId: string;
}

/**
 * Brings the revenue of an order to what its events tell, this one included: counted per currency and
 * sku at the event time of the paid step, and refunded at that of the cancellation. Idempotent, and
 * safe to repeat after a crash at any moment: the evidence is stored first; then each slice of skus
 * replaces what it had booked, in the transaction that adds the difference to the counters.
 *
 * @throws TransientError counters_contended, out_of_time. PermanentError count_refused.
 */
export async function bookRevenue(
  event: EventOf<'millrace.order.v1'>,
  tenant: string,
  { store, pacing }: RevenuePorts,
): Promise<void> {
  const order = { tenant, orderId: event.data.orderId };
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await settleOnce(event, order, store);
    if (outcome.kind === 'committed') return;
    if (outcome.kind === 'refused') throw outcome.cause;
    await waitForTurn(attempt, outcome.cause, pacing);
  }
}

type Outcome = Awaited<ReturnType<RevenueStore['commit']>>;
const DONE: Outcome = { kind: 'committed' };

/** Stops at the first write that does not pass: somebody else is at the order, so it is read again. */
async function settleOnce(
  event: EventOf<'millrace.order.v1'>,
  order: Order,
  store: RevenueStore,
): Promise<Outcome> {
  const [stored] = await store.readStates([refOf(order, 'evidence')]);
  const before = parsed<RevenueEvidence>(stored);
  const evidence = withEvent(before, event);
  if (!evidence) return DONE;
  let version = stored?.version ?? 0;
  if (evidence !== before) {
    const outcome = await store.commit(stateOnly(order, 'evidence', evidence, version));
    if (outcome.kind !== 'committed') return outcome;
    version += 1;
  }
  return await settleSlices(evidence, version, order, store);
}

async function settleSlices(
  evidence: RevenueEvidence,
  version: number,
  order: Order,
  store: RevenueStore,
): Promise<Outcome> {
  const names = Array.from({ length: evidence.slices }, (_, nth) => sliceName(nth));
  const slices = await store.readStates(names.map((name) => refOf(order, name)));
  for (const [nth, name] of names.entries()) {
    const slice = parsed<RevenueSlice>(slices[nth]);
    if (slice && slice.follows === version) continue;
    // Newer evidence than what was read: never back to the older.
    if (slice && slice.follows > version) return { kind: 'outdated', cause: undefined };
    const booking = bookingOf(evidence, nth);
    const next: RevenueSlice = { follows: version, ...(booking && { booked: booking }) };
    const outcome = await store.commit({
      ...stateOnly(order, name, next, slices[nth]?.version ?? 0),
      cells: cellsBetween(slice?.booked, booking, order.tenant, writerOf(order.orderId)),
    });
    if (outcome.kind !== 'committed') return outcome;
  }
  return DONE;
}

function stateOnly(order: Order, name: string, state: unknown, replaces: number): Transaction {
  const write = { ...refOf(order, name), state: JSON.stringify(state), replaces };
  return { seen: [], states: [write], cells: [] };
}

const sliceName = (nth: number) => `slice#${String(nth).padStart(2, '0')}`;

function refOf({ tenant, orderId }: Order, sk: string) {
  return stateRef<unknown>(tenant, 'revenue', orderId, { sk });
}

function parsed<S>(stored: StoredState | undefined): S | undefined {
  return stored?.state === undefined ? undefined : (JSON.parse(stored.state) as S);
}

/** Spreads the counters of a sku that many order at once. FROZEN: a booking is taken back where it was added. */
const LANES = 8;

/** Shards, which also write counters, are named by digits alone. */
function writerOf(orderId: string): string {
  return `o${hash('sha256', orderId, 'buffer').readUInt32BE(0) % LANES}`;
}
