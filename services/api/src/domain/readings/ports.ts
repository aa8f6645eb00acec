import type {
  DeviceState,
  DeviceWindow,
  MetricWindow,
  UsageAdjustment,
  UsageMonth,
} from '@millrace/types';
import type { TimeRange } from '../time-range.ts';

/** Whose device, and which. */
export interface DeviceKey {
  readonly tenant: string;
  readonly deviceId: string;
}

export interface ReadingStore {
  /** Undefined where nothing was ever heard of it. */
  state(device: DeviceKey): Promise<DeviceState | undefined>;
  /** Windows of this length that begin in the range, in their order. */
  windows(
    device: DeviceKey,
    window: MetricWindow,
    range: TimeRange,
  ): AsyncIterable<DeviceWindow & { readonly start: string }>;
  /** Of one month: its bill, and the adjustments that arrived in it, by their origin. */
  bill(
    device: DeviceKey,
    month: string,
  ): Promise<{
    readonly bill: UsageMonth | undefined;
    readonly adjustments: readonly UsageAdjustment[];
  }>;
}
