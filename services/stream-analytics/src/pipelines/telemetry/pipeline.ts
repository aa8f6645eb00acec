import {
  type DeviceState,
  type DeviceWindow,
  devicePartition,
  METRIC_WINDOWS,
  type MetricWindow,
  readingsPartition,
  readingsSort,
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
      ...METRIC_WINDOWS.filter((window) => isKept(incoming, window)).map((window) =>
        windowRef(incoming, deviceId, window),
      ),
      deviceRef(incoming, deviceId),
      ...(isEmpty(usage) ? [] : [usageRef(incoming, deviceId, billPlaceOf(incoming))]),
    ];
  },
  apply(incoming, work) {
    const { deviceId, metrics, usage = {} } = incoming.event.data;
    for (const window of METRIC_WINDOWS.filter((one) => isKept(incoming, one))) {
      const ref = windowRef(incoming, deviceId, window);
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

function windowRef(
  { event, tenant }: Incoming,
  deviceId: string,
  window: MetricWindow,
): StateRef<DeviceWindow> {
  return {
    pk: readingsPartition(tenant, deviceId),
    sk: readingsSort(window, event.time),
    expiresAt: windowExpiry(window, event.time),
  };
}

/** A window that is forgotten when the reading arrives is not begun again. */
function isKept({ event, arrivedAt }: Incoming, window: MetricWindow): boolean {
  return windowExpiry(window, event.time) * 1000 > Date.parse(arrivedAt);
}

function deviceRef({ tenant }: Incoming, deviceId: string): StateRef<DeviceState> {
  return { pk: devicePartition(tenant, deviceId), sk: '-' };
}

function isEmpty(record: Readonly<Record<string, number>>): boolean {
  return Object.keys(record).length === 0;
}
