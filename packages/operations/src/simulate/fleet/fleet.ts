import { sideBySide } from '../../demo/side-by-side.ts';
import { refusalKey } from '../expected/expected.ts';
import type { DevicePlan, FleetPlan } from '../plan/message.ts';
import { deviceIdOf, type FleetRun } from '../plan/payload.ts';
import { createDeviceLink, type DeviceAddress, type DeviceLink } from './device-link.ts';
import { runDevice } from './run-device.ts';
import type { Tally } from './tally.ts';

const CONNECTING_AT_ONCE = 25;

/** All devices of a plan, each with its way to the broker. */
export interface Fleet {
  connect(): Promise<void>;
  /** Resolves when every device has done all of its steps; the first that cannot ends all. */
  send(run: FleetRun): Promise<void>;
  /** Never rejects. */
  close(): Promise<void>;
}

export function createFleet(
  plan: FleetPlan,
  options: {
    readonly runId: string;
    readonly tally: Tally;
    addressOf(index: number): DeviceAddress;
  },
): Fleet {
  const { tally } = options;
  const members = plan.devices.map((device): readonly [DevicePlan, DeviceLink] => {
    const deviceId = deviceIdOf(options, device.index);
    const link = createDeviceLink(deviceId, options.addressOf(device.index), {
      onConnected() {
        tally.connected += 1;
      },
      onDisconnected() {
        tally.connected -= 1;
      },
      onLoss() {
        tally.losses += 1;
      },
      onRejection({ code, time }) {
        const key = refusalKey(deviceId, code, time);
        tally.told.set(key, (tally.told.get(key) ?? 0) + 1);
      },
    });
    return [device, link];
  });
  return {
    async connect() {
      await sideBySide(CONNECTING_AT_ONCE, members, ([, link]) => link.connect());
    },
    async send(run) {
      const abort = new AbortController();
      const context = { run, tally, since: performance.now(), signal: abort.signal };
      try {
        await Promise.all(members.map(([device, link]) => runDevice(plan, device, link, context)));
      } catch (error) {
        abort.abort(error);
        throw error;
      }
    },
    async close() {
      await Promise.allSettled(members.map(([, link]) => link.close()));
    },
  };
}
