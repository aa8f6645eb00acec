import type { DeviceQuota } from '@millrace/types';

const MINUTE_MS = 60_000;
const MINUTES_PER_WINDOW = 10;

/** Where a message counts: a minute by the clock, and the ten minutes around it. */
export interface QuotaWindow {
  /** Starts at, milliseconds since the epoch. */
  readonly startsAt: number;
  /** 0–9 within the window. */
  readonly minute: number;
}

/** By the time of arrival: a message that waited here, or is retried, counts where it arrived. */
export function quotaWindowOf(arrivedAt: number): QuotaWindow {
  const minutes = Math.floor(arrivedAt / MINUTE_MS);
  const minute = minutes % MINUTES_PER_WINDOW;
  return { startsAt: (minutes - minute) * MINUTE_MS, minute };
}

/** Messages of one minute, and of all ten. */
export interface QuotaUse {
  readonly inMinute: number;
  readonly inWindow: number;
}

/** The most that both may reach. */
export function mostUse({ perMinute, burst }: DeviceQuota): QuotaUse {
  return { inMinute: burst, inWindow: perMinute * MINUTES_PER_WINDOW };
}

/** Seconds from `arrivedAt` until what was refused may be taken: the next minute or the next ten. */
export function secondsUntilNext(arrivedAt: number, quota: DeviceQuota, use: QuotaUse): number {
  const { startsAt, minute } = quotaWindowOf(arrivedAt);
  const isWindowFull = use.inWindow >= mostUse(quota).inWindow;
  const next = startsAt + (isWindowFull ? MINUTES_PER_WINDOW : minute + 1) * MINUTE_MS;
  return Math.max(1, Math.ceil((next - arrivedAt) / 1000));
}
