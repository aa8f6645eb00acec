/** Why a message is not taken. `message` is shown to the device: it holds none of the payload. */
export interface Refusal {
  readonly code: RefusalCode;
  readonly message: string;
  /** The reading's `time`, where it could be read. */
  readonly time?: string;
}

/** Stable: devices may rely on them. Codes are added, never changed. */
export type RefusalCode =
  | 'device_id_invalid'
  | 'device_mismatch'
  | 'device_unknown'
  | 'device_disabled'
  | 'not_json'
  | 'reading_invalid'
  | 'time_out_of_range'
  | 'quota_exceeded';

/** What a device, or who looks after it, can do about it. */
export const REFUSALS: Readonly<Record<RefusalCode, string>> = {
  device_id_invalid: 'The device id in the topic must be 1–64 letters, digits, _ or -.',
  device_mismatch:
    'A device publishes only as itself: connect with the device id of the topic as MQTT client id.',
  device_unknown:
    'The device is not registered: register it with POST /v1/devices, then send the reading again.',
  device_disabled: 'The device is disabled; its readings are not taken.',
  not_json: 'The payload is not JSON in UTF-8.',
  reading_invalid: 'The payload is not a reading',
  time_out_of_range:
    'The time of a reading must lie between 400 days before and 1 day after its arrival: set the clock of the device.',
  quota_exceeded:
    'The device sends more than its quota; this message was not taken. Send it again later, and less often.',
};
