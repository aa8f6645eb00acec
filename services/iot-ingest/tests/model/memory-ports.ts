import type { Rejection } from '@millrace/types';
import type { DeviceMessage } from '../../src/domain/device-message.ts';
import type { IngestPorts } from '../../src/domain/ingest-reading.ts';
import type { RegisteredDevice, TelemetryEvent } from '../../src/domain/ports.ts';
import { leasedQuotas } from '../../src/domain/quota/device-quotas.ts';
import type { Refusal } from '../../src/domain/refusal.ts';
import { memoryQuotaCounter } from './memory-quota-counter.ts';

export interface MemoryPorts extends IngestPorts {
  readonly events: TelemetryEvent[];
  readonly kept: { readonly message: DeviceMessage; readonly refusal: Refusal }[];
  readonly told: { readonly deviceId: string; readonly rejection: Rejection }[];
}

/** Ports in memory; the port named in `failing` rejects as long as it is named. */
export function memoryPorts(
  devices: readonly RegisteredDevice[],
  failing: Set<'registry' | 'stream' | 'refused' | 'notices'> = new Set(),
): MemoryPorts {
  const reach = (port: 'registry' | 'stream' | 'refused' | 'notices') => {
    if (failing.has(port)) throw new Error(`${port} is not reached`);
  };
  const events: MemoryPorts['events'] = [];
  const kept: MemoryPorts['kept'] = [];
  const told: MemoryPorts['told'] = [];
  return {
    events,
    kept,
    told,
    registry: {
      async find(deviceId) {
        reach('registry');
        return devices.find((device) => device.deviceId === deviceId);
      },
    },
    quotas: leasedQuotas(memoryQuotaCounter()),
    stream: {
      async put(event) {
        reach('stream');
        events.push(event);
      },
    },
    refused: {
      async keepOnce(message, refusal) {
        reach('refused');
        if (!kept.some((one) => one.message === message)) kept.push({ message, refusal });
      },
    },
    notices: {
      async tellRejected(deviceId, rejection) {
        reach('notices');
        told.push({ deviceId, rejection });
      },
    },
  };
}
