import { describeViolations, TelemetryMessage, validate } from '@millrace/types';
import { parseJson } from './parse-json.ts';
import { REFUSALS, type Refusal } from './refusal.ts';

/** `time` is what lets a device see which of its readings is meant. */
export type ReadReading =
  | { readonly reading: TelemetryMessage; readonly time: string }
  | { readonly refusal: Refusal; readonly time?: string };

/** A published payload to a reading, or the reason why it is none. */
export function readReading(payload: Uint8Array): ReadReading {
  const document = parseJson(payload);
  if (document === undefined) {
    return { refusal: { code: 'not_json', message: REFUSALS.not_json } };
  }
  const validated = validate(TelemetryMessage, document.value);
  if (validated.ok) return { reading: validated.value, time: validated.value.time };
  const time = timeOf(document.value);
  const message = `${REFUSALS.reading_invalid}: ${describeViolations(validated.violations)}`;
  return { refusal: { code: 'reading_invalid', message, ...time }, ...time };
}

function timeOf(document: unknown): { time?: string } {
  if (typeof document !== 'object' || document === null || !('time' in document)) return {};
  const { time } = document;
  return typeof time === 'string' && time.length <= 64 ? { time } : {};
}
