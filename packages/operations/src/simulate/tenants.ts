import { type ApiClient, createApiClient } from '../demo/api-client.ts';
import { signIn } from '../demo/sign-in.ts';
import type { Targets } from '../demo/targets.ts';

/** An answer that is grouped by device holds 500 of them at most. */
const MOST_DEVICES = 400;

/** Who the devices belong to: tenants of the run's own, as nobody else counts in them. */
export interface Tenants {
  readonly apis: readonly ApiClient[];
  /** Of a device, by its index. */
  apiOf(index: number): ApiClient;
}

/** Signs in to each, anew at every call: a long run outlives a token. */
export async function signInTenants(
  targets: Targets,
  runId: string,
  devices: number,
): Promise<Tenants> {
  const apis: ApiClient[] = [];
  for (let nth = 0; nth < Math.ceil(devices / MOST_DEVICES); nth += 1) {
    const token = await signIn(targets, `${runId}-t${nth}`);
    apis.push(createApiClient(targets.apiUrl, token));
  }
  return {
    apis,
    apiOf(index) {
      const api = apis[index % apis.length];
      if (!api) throw new RangeError('A fleet has one device at least.');
      return api;
    },
  };
}
