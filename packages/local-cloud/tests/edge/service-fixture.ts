import type { CloudFormationResource, ServiceRegistration } from '../../src/ports.ts';

/** A service as the plugin registers it: functions by key, resources as its template has them. */
export function registration(
  functions: Record<string, { reservedConcurrency?: number; events?: Record<string, unknown>[] }>,
  resources: Record<string, CloudFormationResource> = {},
): ServiceRegistration {
  return {
    service: 'millrace-sample',
    stage: 'local',
    region: 'us-east-1',
    accountId: '000000000000',
    template: { Resources: resources, Outputs: {} },
    functions: Object.entries(functions).map(([key, { events = [], ...settings }]) => ({
      key,
      name: `millrace-sample-local-${key}`,
      timeoutSeconds: 5,
      memoryMb: 128,
      environment: {},
      events,
      ...settings,
    })),
  };
}

/** Registers the service and tells where its functions answer. */
export async function runService(
  edgeUrl: string,
  declared: ServiceRegistration,
  lambdaUrl: string,
): Promise<void> {
  const base = `${edgeUrl}/_millrace/services/${declared.service}`;
  await put(base, declared);
  await put(`${base}/endpoint`, { lambdaUrl, pid: process.pid });
}

export async function put(url: string, body: unknown): Promise<unknown> {
  const response = await fetch(url, { method: 'PUT', body: JSON.stringify(body) });
  const answer: unknown = await response.json();
  if (!response.ok) throw new Error(JSON.stringify(answer));
  return answer;
}
