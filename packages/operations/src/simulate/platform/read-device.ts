import type { ApiClient } from '../../demo/api-client.ts';
import { parseExact } from './exact-json.ts';
import type { Span } from './read-metric.ts';

interface Meters {
  readonly meters: Readonly<
    Record<string, { readonly quantity: string; readonly readings: number }>
  >;
}

/** The bill of a month, with what arrived in it too late for the bills of others. */
export interface UsageText extends Meters {
  readonly adjustments: readonly (Meters & { readonly originMonth: string })[];
}

export interface DayText {
  /** Start of the day, RFC 3339 in UTC. */
  readonly time: string;
  readonly readings: number;
  readonly metrics: Readonly<
    Record<
      string,
      { readonly count: number; readonly sum: string; readonly min: number; readonly max: number }
    >
  >;
}

/** @throws Error where the API does not answer */
export async function readUsage(
  api: ApiClient,
  deviceId: string,
  month: string,
): Promise<UsageText> {
  return parseExact(await read(api, `/devices/${deviceId}/usage?month=${month}`), 'quantity');
}

/** @throws Error where the API does not answer */
export async function readDays(
  api: ApiClient,
  deviceId: string,
  { from, to }: Span,
): Promise<readonly DayText[]> {
  const time = (instant: number) => encodeURIComponent(new Date(instant).toISOString());
  const path = `/devices/${deviceId}/readings?interval=1d&from=${time(from)}&to=${time(to)}`;
  return parseExact<{ points: DayText[] }>(await read(api, path), 'sum').points;
}

async function read(api: ApiClient, path: string): Promise<string> {
  const answer = await api.get(path);
  if (answer.status === 200) return answer.text;
  throw new Error(`GET ${path} was answered ${answer.status}: ${answer.text.slice(0, 300)}`);
}
