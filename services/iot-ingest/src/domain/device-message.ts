/** What a device published on `devices/{deviceId}/telemetry`, not yet believed. */
export interface DeviceMessage {
  /** The level of the topic that names the device. */
  readonly deviceId: string;
  /** The MQTT client that sent it; undefined where it came over HTTPS, with AWS credentials. */
  readonly clientId: string | undefined;
  /** IoT Core's id of the message; undefined over HTTPS. */
  readonly traceId: string | undefined;
  /** When IoT Core took it, milliseconds since the epoch. */
  readonly receivedAt: number;
  /** To the byte as it was published. */
  readonly payload: Uint8Array;
}
