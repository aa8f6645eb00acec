import type { MillraceEvent } from '@millrace/types';
import { decide } from '../../../services/stream-analytics/src/pipelines/logs/decide.ts';
import type { MadeEvent } from '../generator/world.ts';
import { addCounters } from './counters.ts';
import { retentionSums, sessionSums } from './people.ts';
import { addUsage, documentSums, orderSums } from './things.ts';
import { Totals } from './totals.ts';

/** What must be stored when all is done. */
export interface Expected {
  /** Counters, sessions, bills, readings and rows of the archive. */
  readonly totals: Totals;
  /** Orders and documents, by name. */
  readonly states: ReadonlyMap<string, string>;
}

/**
 * Adds up what is sent as it is made, by plain code that knows nothing of the engine: each event once.
 * It keeps sums, not events.
 *
 * @param from event time of the first
 */
export function createExpectation(from: number) {
  const totals = new Totals();
  const sessions = sessionSums();
  const retention = retentionSums();
  const orders = orderSums();
  const documents = documentSums();
  let events = 0;
  return {
    add({ event, tenant }: MadeEvent): void {
      events += 1;
      addCounters(totals, event, tenant);
      if (isArchived(event, tenant)) {
        totals.add(`archive ${tenant} ${event.type.split('.')[1]}`, 1);
      }
      switch (event.type) {
        case 'millrace.activity.v1':
          retention.add(event, tenant);
          return;
        case 'millrace.click.v1':
          sessions.add(event, tenant);
          return;
        case 'millrace.order.v1':
          orders.add(event, tenant, totals);
          return;
        case 'millrace.document.v1':
          documents.add(event, tenant);
          return;
        case 'millrace.telemetry.v1':
          addUsage(totals, event, { tenant, isForBill: isForBill(event.time, from) });
          return;
      }
    },
    get events() {
      return events;
    },
    /** To be called once, at the end. */
    close(): Expected {
      sessions.addTo(totals);
      retention.addTo(totals);
      return { totals, states: new Map([...orders.states, ...documents.states]) };
    },
  };
}

export type Expectation = ReturnType<typeof createExpectation>;

/** Far more than a run takes, and far less than what is very late: it misses its month's bill. */
const ON_THE_BILL_MS = 20 * 86_400_000;

function isForBill(time: string, from: number): boolean {
  return from - Date.parse(time) < ON_THE_BILL_MS;
}

/** Of lines of logs, only what the rules keep. */
function isArchived(event: MillraceEvent, tenant: string): boolean {
  return event.type !== 'millrace.log.v1' || decide(event, tenant).decision === 'kept';
}
