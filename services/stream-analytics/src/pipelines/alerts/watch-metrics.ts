import { PermanentError } from '@millrace/middleware';
import type { MetricAlert } from '@millrace/types';
import { tellAlerts } from '../../domain/alerts/tell-alerts.ts';
import type { AlertMemory, Round, RuleProgress } from './alert-memory.ts';
import type { AlertRule } from './alert-rule.ts';
import { judgeTenant } from './judge-tenant.ts';
import { lastSettled, oldestJudged, windowAfter, windowsBetween } from './windows.ts';

/** What will not be judged any more, for the log and the alarm. */
export interface NotJudged {
  readonly code: string;
  readonly rule: string;
  readonly tenant?: string;
  /** Windows, or groups where they are what was left out. */
  readonly times: number;
  readonly cause?: unknown;
}

export interface MetricWatchPorts {
  readonly rules: readonly AlertRule[];
  readonly store: AlertMemory;
  /** Tells an alert. A rejection says nothing about whether it was told. */
  readonly tell: (alert: MetricAlert) => Promise<void>;
  readonly report: (notJudged: NotJudged) => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** False when the function is about to be stopped: begin nothing more. */
  readonly hasTimeLeft: () => boolean;
}

export interface MetricWatchCounts {
  /** One for each rule, tenant and window. */
  judged: number;
  raised: number;
  told: number;
}

/**
 * Judges the windows that have settled since the last run, by every rule and for every tenant with data,
 * and tells the alerts. What one run does not manage the next goes on with; two runs at once do nothing
 * twice. Rules do not hinder each other.
 */
export async function watchMetrics(ports: MetricWatchPorts): Promise<MetricWatchCounts> {
  const counts = { judged: 0, raised: 0, told: 0 };
  const telling = { ...ports, alerts: ports.store };
  // What a run before left: it must be told even where judging takes all the time there is.
  const first = await settled(tellAlerts(telling));
  const judged = await Promise.allSettled(
    ports.rules.map((rule) => watchRule(rule, ports, counts)),
  );
  const second = await settled(tellAlerts(telling));
  for (const telling of [first, second]) {
    if (telling.status === 'fulfilled') counts.told += telling.value;
  }
  for (const one of [...judged, first, second]) if (one.status === 'rejected') throw one.reason;
  return counts;
}

async function settled<T>(promise: Promise<T>): Promise<PromiseSettledResult<T>> {
  const [outcome] = await Promise.allSettled([promise]);
  return outcome;
}

/** Windows that are judged tenant by tenant before the next begin: an hour of minutes. */
const ROUND_WINDOWS = 60;

/** Rounds in order, each noted when it is done, and where it stands when it is not. */
async function watchRule(
  rule: AlertRule,
  ports: MetricWatchPorts,
  counts: MetricWatchCounts,
): Promise<void> {
  const { store, now, hasTimeLeft } = ports;
  const last = lastSettled(now(), rule.window);
  const stored = await store.readProgress(rule);
  let version = stored?.version ?? 0;
  const keep = async (progress: RuleProgress) => {
    if (!(await store.keepProgress(rule, progress, version))) return false;
    version += 1;
    return true;
  };
  // A new rule begins with the next window: what was before it is no news.
  if (!stored) return void (await keep({ through: last }));
  let progress = stored.value;
  while (hasTimeLeft()) {
    const round = progress.open ?? nextRound(progress.through, last, rule, ports);
    if (!round) return;
    const { after, failure } = await judgeRound(rule, round, ports, counts);
    if (after !== undefined) {
      if (after !== round.after) {
        await keep({ through: progress.through, open: { ...round, after } });
      }
      if (failure) throw failure.cause;
      return;
    }
    progress = { through: round.to };
    if (!(await keep(progress))) return;
  }
}

function nextRound(
  through: string,
  last: string,
  rule: AlertRule,
  { report }: MetricWatchPorts,
): Round | undefined {
  const next = windowAfter(through, rule.window);
  if (next > last) return undefined;
  const oldest = oldestJudged(last, rule.window);
  const gap = next < oldest;
  const from = gap ? oldest : next;
  if (gap) {
    const times = windowsBetween(next, oldest, rule.window);
    report({ code: 'alert_windows_passed_over', rule: rule.id, times });
  }
  const end = windowAfter(from, rule.window, ROUND_WINDOWS - 1);
  return { from, to: end < last ? end : last, gap, after: '' };
}

/** Tenants of a rule that are judged side by side; most of the time is waiting. */
const TENANTS_AT_ONCE = 8;

/** @returns up to which tenant it is done, where it is not done for all; and what failed. */
async function judgeRound(
  rule: AlertRule,
  round: Round,
  ports: MetricWatchPorts,
  counts: MetricWatchCounts,
): Promise<{ readonly after?: string; readonly failure?: { readonly cause: unknown } }> {
  const tenants = await tenantsOf(rule, round, ports.store);
  let after = round.after;
  for (let at = 0; at < tenants.length; at += TENANTS_AT_ONCE) {
    if (!ports.hasTimeLeft()) return { after };
    const some = tenants.slice(at, at + TENANTS_AT_ONCE);
    const outcomes = await Promise.allSettled(
      some.map((tenant) => judgeOne(rule, tenant, round, ports, counts)),
    );
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') return { after, failure: { cause: outcome.reason } };
    }
    if (outcomes.some((one) => one.status === 'fulfilled' && !one.value)) return { after };
    after = some.at(-1) ?? after;
  }
  return {};
}

/** Their names alone are held: 100,000 of them are some 10 MB. */
async function tenantsOf(rule: AlertRule, round: Round, store: AlertMemory): Promise<string[]> {
  const tenants = new Set<string>();
  for await (const tenant of store.tenantsWithData(rule, round.from, round.to)) tenants.add(tenant);
  for await (const tenant of store.tenantsRemembered(rule)) tenants.add(tenant);
  return [...tenants].filter((tenant) => tenant > round.after).sort();
}

/** @returns whether it is done. What can never be judged is passed over, so that it stops nobody else. */
async function judgeOne(
  rule: AlertRule,
  tenant: string,
  round: Round,
  ports: MetricWatchPorts,
  counts: MetricWatchCounts,
): Promise<boolean> {
  const about = { rule: rule.id, tenant };
  try {
    const { isDone, windows, alerts, groupsLeftOut } = await judgeTenant(
      rule,
      tenant,
      round,
      ports,
    );
    counts.judged += windows;
    counts.raised += alerts;
    if (groupsLeftOut > 0)
      ports.report({ code: 'alert_groups_left_out', ...about, times: groupsLeftOut });
    return isDone;
  } catch (cause) {
    if (!(cause instanceof PermanentError)) throw cause;
    const times = windowsBetween(round.from, round.to, rule.window) + 1;
    ports.report({ code: cause.code, ...about, times, cause });
    return true;
  }
}
