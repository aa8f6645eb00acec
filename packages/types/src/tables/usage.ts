/** Days after a month's end in which late readings still belong to its bill. */
export const BILL_GRACE_DAYS = 3;

/** Meters that are listed by name in a bill: of more, the first in the order of their characters. */
export const MOST_BILLED_METERS = 200;

/**
 * State: what a device used in a month (UTC, by event time), under `usagePartition(tenant, deviceId)`
 * and the month `2026-11`: the bill. It holds what reached the stream before `closesAt`; what comes
 * later is an adjustment of the month in which it arrived, so a closed bill never changes.
 */
export interface UsageMonth {
  /** ISO 8601. */
  readonly closesAt: string;
  readonly readings: number;
  readonly meters: Readonly<Record<string, MeterUsage>>;
  /** Meters beyond `MOST_BILLED_METERS`, added up: no quantity is lost, only its name. */
  readonly others?: MeterUsage;
}

/**
 * State: what came too late for the bill of `originMonth`, by the month in which it arrived; under
 * `usagePartition(tenant, deviceId)` and `adjustmentSort(month, originMonth)`. Closes as that month does.
 */
export interface UsageAdjustment extends UsageMonth {
  readonly originMonth: string;
}

export interface MeterUsage {
  /** Exact decimal: read it as text, not as a double. */
  readonly quantity: string;
  /** Readings that told a quantity. */
  readonly readings: number;
}

/** Neither a tenant nor a device id holds `#`. */
export function usagePartition(tenant: string, deviceId: string): string {
  return `${tenant}#usage#${deviceId}`;
}

/** Behind the month itself, and before the next one: a month and its adjustments begin with its name. */
export function adjustmentSort(month: string, originMonth: string): string {
  return `${month}#adjustment#${originMonth}`;
}

/** @param time RFC 3339. Returns the month in UTC: `2026-11`. */
export function monthOf(time: string): string {
  return new Date(time).toISOString().slice(0, 7);
}

/** When the bill of a month is closed: three days after its end. Milliseconds since the epoch. */
export function billClosesAt(month: string): number {
  const [year = 0, nth = 1] = month.split('-').map(Number);
  const end = new Date(0);
  end.setUTCFullYear(year, nth, 1 + BILL_GRACE_DAYS);
  return end.getTime();
}
