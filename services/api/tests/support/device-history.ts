import { Quantiles } from '@millrace/sketches';
import {
  adjustmentSort,
  billClosesAt,
  type DeviceState,
  type DeviceWindow,
  devicePartition,
  type MetricSummary,
  type MetricWindow,
  readingsPartition,
  readingsSort,
  type StateItem,
  type UsageAdjustment,
  type UsageMonth,
  usagePartition,
} from '@millrace/types';

/** What stream-analytics keeps of values. @param sum exact decimal. */
export function summaryOf(values: readonly number[], sum: string): MetricSummary {
  const sketch = new Quantiles();
  for (const value of values) sketch.add(value);
  return {
    count: values.length,
    sum,
    min: Math.min(...values),
    max: Math.max(...values),
    quantiles: Buffer.from(sketch.toBytes()).toString('base64'),
  };
}

export function windowItem(
  { tenant = 'acme', deviceId = 'd1' }: { tenant?: string; deviceId?: string },
  window: MetricWindow,
  start: string,
  state: DeviceWindow,
): StateItem {
  return {
    pk: readingsPartition(tenant, deviceId),
    sk: readingsSort(window, start),
    state: JSON.stringify(state),
    version: 1,
  };
}

export function deviceItem(tenant: string, deviceId: string, state: DeviceState): StateItem {
  const pk = devicePartition(tenant, deviceId);
  return { pk, sk: '-', state: JSON.stringify(state), version: 1 };
}

/** The bill of a month, or what came too late for the bill of `originMonth`. */
export function usageItem(
  { tenant, deviceId, month, originMonth }: UsagePlace,
  meters: UsageMonth['meters'],
): StateItem {
  const closesAt = new Date(billClosesAt(month)).toISOString();
  const bill: UsageMonth | UsageAdjustment = {
    closesAt,
    ...(originMonth !== undefined && { originMonth }),
    readings: 2,
    meters,
  };
  return {
    pk: usagePartition(tenant, deviceId),
    sk: originMonth === undefined ? month : adjustmentSort(month, originMonth),
    state: JSON.stringify(bill),
    version: 1,
  };
}

interface UsagePlace {
  readonly tenant: string;
  readonly deviceId: string;
  readonly month: string;
  readonly originMonth?: string;
}
