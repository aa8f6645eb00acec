import {
  type DeviceState,
  type DeviceWindow,
  devicePartition,
  METRIC_WINDOWS,
  readingsPartition,
  readingsSort,
  windowStart,
} from '@millrace/types';
import { definePipeline, type Incoming, type StateRef } from '../../domain/engine/pipeline.ts';
import { afterReading } from './device-state.ts';
import { alertOf, alertRef, firstLookOf } from './device-watch.ts';
import { billPlaceOf, usageRef, withUsage } from './metering.ts';
import { windowExpiry, withReading } from './windows.ts';

/** Readings per device and window, the last values, who has fallen silent, and what is billed. */
export const telemetry = definePipeline({
  name: 'telemetry',
  takes: ['millrace.telemetry.v1'],
  states(incoming) {
    const { deviceId, usage = {} } = incoming.event.data;
    return [
      ...windowRefs(incoming, deviceId),
      deviceRef(incoming, deviceId),
      ...(isEmpty(usage) ? [] : [usageRef(incoming, deviceId, billPlaceOf(incoming))]),
    ];
  },
  apply(incoming, work) {
    const { deviceId, metrics, usage = {} } = incoming.event.data;
    for (const ref of windowRefs(incoming, deviceId)) {
      work.write(ref, withReading(work.read(ref), metrics));
    }
    if (!isEmpty(usage)) {
      const place = billPlaceOf(incoming);
      const ref = usageRef(incoming, deviceId, place);
      work.write(ref, withUsage(work.read(ref), usage, place));
    }
    const ref = deviceRef(incoming, deviceId);
    const before = work.read(ref);
    const { id, time } = incoming.event;
    const after = afterReading(before, { id, time, arrivedAt: incoming.arrivedAt, metrics });
    work.write(ref, after);
    if (after.watched && !before?.watched) {
      const look = { tenant: incoming.tenant, deviceId };
      work.publish(firstLookOf(look, after), look);
      if (before?.outage) {
        const online = alertOf('device_online', look, before.outage.since, after.seenAt);
        work.publish(alertRef(online), online);
      }
    }
  },
});

/** A window that is forgotten when the reading arrives is not begun again. */
function windowRefs(
  { event: { time }, tenant, arrivedAt }: Incoming,
  deviceId: string,
): StateRef<DeviceWindow>[] {
  const pk = readingsPartition(tenant, deviceId);
  const arrived = Date.parse(arrivedAt) / 1000;
  return METRIC_WINDOWS.flatMap((window) => {
    const start = windowStart(time, window);
    const expiresAt = windowExpiry(window, start);
    return expiresAt > arrived ? [{ pk, sk: readingsSort(window, start), expiresAt }] : [];
  });
}

function deviceRef({ tenant }: Incoming, deviceId: string): StateRef<DeviceState> {
  return { pk: devicePartition(tenant, deviceId), sk: '-' };
}

function isEmpty(record: Readonly<Record<string, number>>): boolean {
  return Object.keys(record).length === 0;
}
