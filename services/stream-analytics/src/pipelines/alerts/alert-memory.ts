import type { MetricAlert } from '@millrace/types';
import type { WaitingAlerts } from '../../domain/alerts/tell-alerts.ts';
import type { AlertRule } from './alert-rule.ts';
import type { Memory } from './judge.ts';
import type { StoredCell } from './tally.ts';
import type { Series } from './watched-series.ts';

/** Windows that are judged together, and for which tenants that is done. JSON. */
export interface Round {
  /** Starts of the first and the last. */
  readonly from: string;
  readonly to: string;
  /** Windows before `from` were passed over. */
  readonly gap: boolean;
  /** Tenants up to this one (in the order of their characters) are done. */
  readonly after: string;
}

/** How far a rule is. JSON. */
export interface RuleProgress {
  /** Start of the last window that is judged for all tenants. */
  readonly through: string;
  readonly open?: Round;
}

/** What a rule remembers of a tenant. JSON. */
export interface TenantMemory {
  /** Start of the last window that is judged in it, if not the rule's own progress is further. */
  readonly through: string;
  readonly groups: Memory;
}

export interface Versioned<T> {
  readonly value: T;
  /** From 1. */
  readonly version: number;
}

/** Reads show what is stored at that moment, but for `cells`; a write does all that it says, or nothing. */
export interface AlertMemory extends WaitingAlerts<MetricAlert> {
  readProgress(rule: AlertRule): Promise<Versioned<RuleProgress> | undefined>;
  /** False where the version (0: none) is not what is stored: another run is at it. */
  keepProgress(rule: AlertRule, progress: RuleProgress, replaces: number): Promise<boolean>;
  /** Who may have data in the windows. */
  tenantsWithData(series: Series, from: string, to: string): AsyncIterable<string>;
  /** Of whom the rule remembers a group. */
  tenantsRemembered(rule: AlertRule): AsyncIterable<string>;
  readTenant(rule: AlertRule, tenant: string): Promise<Versioned<TenantMemory> | undefined>;
  /** Keeps what is remembered, and the alerts for telling. False as in `keepProgress`. */
  keepTenant(
    rule: AlertRule,
    tenant: string,
    memory: TenantMemory,
    replaces: number,
    alerts: readonly MetricAlert[],
  ): Promise<boolean>;
  /** What is counted of the windows, in their order. */
  cells(series: Series, tenant: string, from: string, to: string): AsyncIterable<StoredCell>;
}
