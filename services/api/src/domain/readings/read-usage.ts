import {
  billClosesAt,
  type MeterUsage,
  monthOf,
  type UsageAdjustment,
  type UsageMonth,
} from '@millrace/types';
import type { DeviceKey, ReadingStore } from './ports.ts';

export interface BillReading extends Omit<UsageMonth, 'closesAt'> {
  readonly month: string;
  readonly status: 'open' | 'closed';
  readonly closesAt: string;
  readonly adjustments: readonly UsageAdjustment[];
}

const NOTHING: {
  readonly readings: number;
  readonly meters: Readonly<Record<string, MeterUsage>>;
} = { readings: 0, meters: {} };

/** @param month `2026-11`; the current one where none is named. @param now milliseconds since the epoch. */
export async function readUsage(
  store: ReadingStore,
  device: DeviceKey,
  month: string | undefined,
  now: number,
): Promise<BillReading> {
  const asked = month ?? monthOf(new Date(now).toISOString());
  const { bill, adjustments } = await store.bill(device, asked);
  const closesAt = billClosesAt(asked);
  return {
    ...(bill ?? NOTHING),
    month: asked,
    status: now < closesAt ? 'open' : 'closed',
    closesAt: new Date(closesAt).toISOString(),
    adjustments,
  };
}
