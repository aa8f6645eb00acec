import {
  type DeviceState,
  type DeviceWindow,
  devicePartition,
  readingsPartition,
  readingsSort,
  type StateItem,
  type UsageAdjustment,
  type UsageMonth,
  usagePartition,
} from '@millrace/types';
import type { ReadingStore } from '../../src/domain/readings/ports.ts';

/** Held to the same contract tests as the table. */
export function memoryReadingStore(items: readonly StateItem[]): ReadingStore {
  const sorted = items.toSorted((one, other) => (one.sk < other.sk ? -1 : 1));
  const under = <T>(pk: string, isAsked: (sk: string) => boolean) =>
    sorted
      .filter((item) => item.pk === pk && isAsked(item.sk))
      .map(({ sk, state }) => ({ sk, value: JSON.parse(state) as T }));
  return {
    state: async ({ tenant, deviceId }) =>
      under<DeviceState>(devicePartition(tenant, deviceId), () => true)[0]?.value,
    async *windows({ tenant, deviceId }, window, { from, to }) {
      const first = readingsSort(window, from);
      const end = readingsSort(window, to);
      const found = under<DeviceWindow>(
        readingsPartition(tenant, deviceId),
        (sk) => sk >= first && sk < end,
      );
      for (const { sk, value } of found) yield { ...value, start: sk.slice(sk.indexOf('#') + 1) };
    },
    async bill({ tenant, deviceId }, month) {
      const pk = usagePartition(tenant, deviceId);
      return {
        bill: under<UsageMonth>(pk, (sk) => sk === month)[0]?.value,
        adjustments: under<UsageAdjustment>(pk, (sk) => sk.startsWith(`${month}#`)).map(
          ({ value }) => value,
        ),
      };
    },
  };
}
