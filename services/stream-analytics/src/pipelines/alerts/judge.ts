import { hash } from 'node:crypto';
import { Ewma, type EwmaState } from '@millrace/sketches';
import type { MetricAlert } from '@millrace/types';
import { dayOf } from '../../domain/days.ts';
import type { AlertRule, Anomaly, Threshold } from './alert-rule.ts';
import { LOOK_BACK_DAYS } from './windows.ts';

/** What is remembered of a group between two windows. JSON. */
export interface GroupMemory {
  /** Day of the newest window with data, since 1970: days, so that it is seldom written. */
  readonly seen: number;
  /** Windows in a row that speak for a change: for an incident, or for the end of the one there is. */
  readonly row: number;
  /** Start of the first window of a row that speaks for an incident. */
  readonly since?: string;
  readonly incident?: Incident;
  readonly ewma?: EwmaState;
}

interface Incident {
  readonly id: string;
  readonly since: string;
}

/** By the JSON of the values that a rule groups by. */
export type Memory = Readonly<Record<string, GroupMemory>>;

export interface JudgedWindow {
  readonly rule: AlertRule;
  readonly tenant: string;
  readonly start: string;
  /** Of the groups that had data. */
  readonly values: ReadonlyMap<string, number>;
  /** Told as the time of the decision, ISO 8601. */
  readonly at: string;
}

export interface Judgement {
  readonly memory: Memory;
  readonly alerts: readonly MetricAlert[];
}

/** What a window does to what was remembered: a function of the two alone. */
export function judgeWindow(before: Memory, window: JudgedWindow): Judgement {
  const memory: Record<string, GroupMemory> = {};
  const alerts: MetricAlert[] = [];
  for (const group of new Set([...Object.keys(before), ...window.values.keys()].sort())) {
    const { next, alert } = judgeGroup(before[group], group, window);
    if (next) memory[group] = next;
    if (alert) alerts.push(alert);
  }
  return { memory, alerts };
}

/** Windows were passed over: a row is one of windows that follow each other. */
export function withoutRows(memory: Memory): Memory {
  return Object.fromEntries(
    Object.entries(memory).map(([group, { since: _, ...one }]) => [group, { ...one, row: 0 }]),
  );
}

function judgeGroup(before: GroupMemory | undefined, group: string, window: JudgedWindow) {
  const { rule, start, values } = window;
  const day = dayOf(Date.parse(start));
  const seen = values.has(group) ? day : (before?.seen ?? day);
  if (day - seen > LOOK_BACK_DAYS[rule.window]) {
    const incident = before?.incident;
    return { alert: incident && alertOf('metric_resolved', incident, group, window, null) };
  }
  const value = values.get(group) ?? (rule.empty === 'zero' ? 0 : undefined);
  if (value === undefined) return { next: before };
  const { isOff, usual, ewma } = compared(value, rule, before?.ewma);
  const { row, since, incident, type, of } = followed(before, isOff, group, window);
  const next: GroupMemory = {
    seen,
    row,
    ...(since !== undefined && { since }),
    ...(incident && { incident }),
    ...(ewma && { ewma }),
  };
  return {
    next: isWorthKeeping(next, rule) ? next : undefined,
    alert: type && of && alertOf(type, of, group, window, value, usual),
  };
}

/** A calm group under a threshold is known by its data alone, unless it must be missed. */
function isWorthKeeping({ row, incident, ewma }: GroupMemory, { empty }: AlertRule): boolean {
  return empty === 'zero' || row > 0 || incident !== undefined || ewma !== undefined;
}

interface Followed {
  readonly row: number;
  readonly since?: string;
  readonly incident?: Incident;
  /** Set where the window changes something. */
  readonly type?: MetricAlert['type'];
  readonly of?: Incident;
}

function followed(
  before: GroupMemory | undefined,
  isOff: boolean,
  group: string,
  { rule, tenant, start }: JudgedWindow,
): Followed {
  const { incident, row = 0 } = before ?? {};
  if (incident) {
    if (isOff) return { row: 0, incident };
    if (row + 1 < rule.resolveAfter) return { row: row + 1, incident };
    return { row: 0, type: 'metric_resolved', of: incident };
  }
  if (!isOff) return { row: 0 };
  const since = before?.since ?? start;
  if (row + 1 < rule.fireAfter) return { row: row + 1, since };
  const began = { id: digestOf(rule.id, tenant, group, start), since };
  return { row: 0, incident: began, type: 'metric_firing', of: began };
}

function compared(value: number, { threshold, anomaly }: AlertRule, before?: EwmaState) {
  if (!anomaly) return { isOff: threshold !== undefined && isBeyond(value, threshold) };
  const ewma = new Ewma(anomaly, before);
  // Against the windows before; then it is one of them.
  const usual = { mean: ewma.mean, deviations: ewma.score(value) };
  ewma.observe(withinUsual(value, usual, anomaly));
  return { isOff: isUnusual(usual.deviations, anomaly), usual, ewma: ewma.toJSON() };
}

/**
 * What is learned of a value: no more than the edge of what is usual, or one outlier would widen that so
 * much that the next was none. A level that stays is learned all the same, step by step.
 */
function withinUsual(
  value: number,
  { mean, deviations }: NonNullable<MetricAlert['usual']>,
  anomaly: Anomaly,
): number {
  const times = Math.abs(deviations) / anomaly.deviations;
  return times > 1 ? mean + (value - mean) / times : value;
}

function isBeyond(value: number, { is, than }: Threshold): boolean {
  switch (is) {
    case 'above':
      return value > than;
    case 'at_least':
      return value >= than;
    case 'below':
      return value < than;
    case 'at_most':
      return value <= than;
  }
}

function isUnusual(score: number, { off, deviations }: Anomaly): boolean {
  return (off !== 'below' && score >= deviations) || (off !== 'above' && -score >= deviations);
}

function alertOf(
  type: MetricAlert['type'],
  incident: Incident,
  group: string,
  { rule, tenant, start, at }: JudgedWindow,
  value: number | null,
  usual?: MetricAlert['usual'],
): MetricAlert {
  const { metric, window, severity, title } = rule;
  const values = JSON.parse(group) as string[];
  const names: readonly string[] = rule.groupBy ?? [];
  return {
    id: digestOf(type, incident.id),
    type,
    incident: incident.id,
    rule: rule.id,
    severity,
    title,
    tenant,
    metric,
    window,
    group: Object.fromEntries(names.map((name, nth) => [name, values[nth] ?? ''])),
    since: incident.since,
    start,
    at,
    value,
    ...(usual && { usual }),
  };
}

/** The same for whoever decides the same. */
function digestOf(...parts: readonly string[]): string {
  return hash('sha256', JSON.stringify(parts), 'base64url').slice(0, 22);
}
