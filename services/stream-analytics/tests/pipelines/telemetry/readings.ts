import type { Incoming } from '../../../src/domain/engine/pipeline.ts';

/** A reading of the device `d1` of the tenant `acme`. */
export function reading(
  id: string,
  {
    time = '2026-11-23T09:41:07Z',
    arrivedAt = time,
    deviceId = 'd1',
    tenant = 'acme',
    source = '/iot',
    metrics = {},
    usage,
  }: {
    readonly time?: string;
    readonly arrivedAt?: string;
    readonly deviceId?: string;
    readonly tenant?: string;
    readonly source?: string;
    readonly metrics?: Record<string, number>;
    readonly usage?: Record<string, number>;
  } = {},
): Incoming {
  return {
    tenant,
    arrivedAt: new Date(arrivedAt).toISOString(),
    event: {
      specversion: '1.0',
      id,
      source,
      type: 'millrace.telemetry.v1',
      time,
      data: { deviceId, metrics, ...(usage && { usage }) },
    },
  };
}
