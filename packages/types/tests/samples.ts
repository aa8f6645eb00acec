import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(import.meta.dirname, 'samples/events-v1');

export interface SampleEvent {
  readonly name: string;
  readonly event: Readonly<Record<string, unknown>>;
}

/** The frozen events of version 1. */
export const sampleEvents: readonly SampleEvent[] = readdirSync(folder)
  .filter((file) => file.endsWith('.json'))
  .map((file) => ({
    name: file.replace('.json', ''),
    event: JSON.parse(readFileSync(join(folder, file), 'utf8')),
  }));

/** The sample of that name with some attributes and some of its data replaced; `undefined` removes. */
export function altered(
  name: string,
  changes: { data?: Record<string, unknown> } & Record<string, unknown>,
): unknown {
  const sample = sampleEvents.find((one) => one.name === name)?.event;
  const data = { ...(sample?.data as object), ...changes.data };
  return JSON.parse(JSON.stringify({ ...sample, ...changes, data }));
}
