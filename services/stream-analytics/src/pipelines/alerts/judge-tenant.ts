import { PermanentError } from '@millrace/middleware';
import type { MetricAlert } from '@millrace/types';
import type { AlertMemory, Round } from './alert-memory.ts';
import type { AlertRule } from './alert-rule.ts';
import { judgeWindow, type Memory, withoutRows } from './judge.ts';
import { type StoredCell, Tally } from './tally.ts';
import { windowAfter } from './windows.ts';

export interface JudgingPorts {
  readonly store: AlertMemory;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** False when the function is about to be stopped: begin nothing more. */
  readonly hasTimeLeft: () => boolean;
}

export interface TenantOutcome {
  /** False where the time ran out or another run is at the same: what is left is left to the next. */
  readonly isDone: boolean;
  readonly windows: number;
  readonly alerts: number;
  /** Groups that had no place, of all windows. */
  readonly groupsLeftOut: number;
}

/**
 * Judges a tenant's windows in their order. What a window changes is kept together with the alerts that
 * it raises, so that a window counts once, whatever is killed when; a window that changes nothing is not
 * written, and the rule's own progress passes it.
 *
 * @throws PermanentError alert_window_too_large, alert_window_unreadable.
 */
export async function judgeTenant(
  rule: AlertRule,
  tenant: string,
  round: Round,
  { store, now, hasTimeLeft }: JudgingPorts,
): Promise<TenantOutcome> {
  const stored = await store.readTenant(rule, tenant);
  const own = stored && windowAfter(stored.value.through, rule.window);
  const from = own !== undefined && own > round.from ? own : round.from;
  const counts = { windows: 0, alerts: 0, groupsLeftOut: 0 };
  if (from > round.to) return { isDone: true, ...counts };

  let version = stored?.version ?? 0;
  let kept: Memory = stored?.value.groups ?? {};
  let groups = round.gap && from === round.from ? withoutRows(kept) : kept;
  const keep = async (through: string, alerts: readonly MetricAlert[] = []) => {
    if (alerts.length === 0 && isSame(groups, kept)) return true;
    if (!(await store.keepTenant(rule, tenant, { through, groups }, version, alerts))) return false;
    version += 1;
    kept = groups;
    counts.alerts += alerts.length;
    return true;
  };

  const cells = store.cells(rule, tenant, from, round.to);
  const windows = tallies(rule, cells, { from, to: round.to }, () => Object.keys(groups));
  try {
    for await (const { start, tally } of windows) {
      const at = new Date(now()).toISOString();
      const { memory, alerts } = readable(() =>
        judgeWindow(groups, { rule, tenant, start, values: tally.values(), at }),
      );
      groups = memory;
      counts.windows += 1;
      counts.groupsLeftOut += tally.leftOut;
      if (alerts.length > 0 && !(await keep(start, alerts))) return { isDone: false, ...counts };
      if (start < round.to && !hasTimeLeft()) {
        await keep(start);
        return { isDone: false, ...counts };
      }
    }
  } catch (error) {
    // The windows before count; the rest of the round is passed over.
    groups = withoutRows(groups);
    if (error instanceof PermanentError) await keep(round.to);
    throw error;
  }
  return { isDone: await keep(round.to), ...counts };
}

/** Some seconds of reading: a run must get through a window, or the rule would stand still. */
const MOST_CELLS = 50_000;

/** All windows in their order, the empty ones too. @param known groups when a window begins. */
async function* tallies(
  rule: AlertRule,
  cells: AsyncIterable<StoredCell>,
  { from, to }: { readonly from: string; readonly to: string },
  known: () => Iterable<string>,
): AsyncGenerator<{ readonly start: string; readonly tally: Tally }> {
  let start = from;
  let tally = new Tally(rule, known());
  let read = 0;
  for await (const cell of cells) {
    for (; start < cell.start; start = windowAfter(start, rule.window)) {
      yield { start, tally };
      tally = new Tally(rule, known());
      read = 0;
    }
    read += 1;
    if (read > MOST_CELLS) throw tooLarge();
    readable(() => tally.add(cell));
  }
  for (; start <= to; start = windowAfter(start, rule.window)) {
    yield { start, tally };
    tally = new Tally(rule, known());
  }
}

function tooLarge(): PermanentError {
  return new PermanentError(
    'alert_window_too_large',
    `A window of more than ${MOST_CELLS} counters is not judged: take a metric with fewer dimensions.`,
  );
}

/** A function of what is stored: what it throws it would throw again. */
function readable<T>(judge: () => T): T {
  try {
    return judge();
  } catch (cause) {
    throw new PermanentError(
      'alert_window_unreadable',
      'A window is not judged: a counter or what is remembered of it is damaged.',
      { cause },
    );
  }
}

function isSame(one: Memory, other: Memory): boolean {
  return JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));
}

function sorted(memory: Memory) {
  return Object.entries(memory).sort(([a], [b]) => (a < b ? -1 : 1));
}
