import type { DeviceCredentials } from '@millrace/types';
import type { Answer, ApiClient } from '../../demo/api-client.ts';
import { sideBySide } from '../../demo/side-by-side.ts';
import type { FleetPlan } from '../plan/message.ts';
import { deviceIdOf, type FleetRun } from '../plan/payload.ts';

/** Requests under way at once; more only wait for each other. */
const AT_ONCE = 4;

export type Credentials = Pick<DeviceCredentials, 'certificatePem' | 'privateKey'>;

/**
 * Registers all devices but the unknown ones, with the quotas and the states that the plan wants.
 *
 * @returns certificates by the index of their device
 * @throws Error where the API does not do it
 */
export async function registerFleet(
  { devices, options: { tls } }: FleetPlan,
  options: {
    readonly run: Pick<FleetRun, 'runId'>;
    apiOf(index: number): ApiClient;
    onRegistered(): void;
  },
): Promise<Map<number, Credentials>> {
  const credentials = new Map<number, Credentials>();
  const known = devices.filter(({ role }) => role !== 'unknown');
  await sideBySide(AT_ONCE, known, async ({ index, role, quota }) => {
    const api = options.apiOf(index);
    const deviceId = deviceIdOf(options.run, index);
    const own = `/devices/${deviceId}`;
    await requireStatus(201, api.post('/devices', { deviceId, name: 'simulated' }));
    if (quota) await requireStatus(200, api.patch(own, { quota }));
    if (role === 'disabled') await requireStatus(200, api.post(`${own}/disable`, {}));
    if (index < tls && role === 'ordinary') {
      const key = { 'idempotency-key': deviceId };
      const issued = await requireStatus(201, api.post(`${own}/credentials`, {}, key));
      credentials.set(index, issued.body as DeviceCredentials);
    }
    options.onRegistered();
  });
  return credentials;
}

async function requireStatus(status: number, asked: Promise<Answer>): Promise<Answer> {
  const answer = await asked;
  if (answer.status === status) return answer;
  throw new Error(
    `The API answered ${answer.status} instead of ${status}: ${answer.text.slice(0, 300)}`,
  );
}
