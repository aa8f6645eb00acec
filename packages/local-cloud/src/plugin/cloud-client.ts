import { LocalCloudError } from '../errors.ts';
import type { RegistrationResult, ServiceRegistration } from '../ports.ts';

export interface CloudHealth {
  readonly name: string;
  readonly pid: number;
  readonly stateDir: string;
  readonly ports: { readonly postgres: number };
}

/** `none`: nothing listens there. `other`: something does, but it is no local cloud. */
export type Probe =
  | { readonly kind: 'cloud'; readonly health: CloudHealth }
  | { readonly kind: 'none' }
  | { readonly kind: 'other' };

export interface ServiceEndpoint {
  readonly lambdaUrl: string;
  readonly pid: number;
  readonly api?: string;
}

/** Asks whether a local cloud answers at the edge. */
export async function probeCloud(edgeUrl: string, timeoutMs = 2_000): Promise<Probe> {
  try {
    const response = await fetch(`${edgeUrl}/_millrace/health`, {
      signal: AbortSignal.timeout(timeoutMs),
    });
    const health: unknown = await response.json();
    return isHealth(health) ? { kind: 'cloud', health } : { kind: 'other' };
  } catch (error) {
    return { kind: refused(error) ? 'none' : 'other' };
  }
}

/** The calls that a service makes to its cloud (see `/_millrace/` in the README). */
export function createCloudClient(edgeUrl: string, service: string) {
  const base = `${edgeUrl}/_millrace/services/${encodeURIComponent(service)}`;
  return {
    async register(registration: ServiceRegistration): Promise<RegistrationResult> {
      return (await send('PUT', base, registration)) as RegistrationResult;
    },
    async announce(endpoint: ServiceEndpoint): Promise<void> {
      await send('PUT', `${base}/endpoint`, endpoint);
    },
    async withdraw(): Promise<void> {
      await send('DELETE', `${base}/endpoint`);
    },
  };
}

export type CloudClient = ReturnType<typeof createCloudClient>;

async function send(method: string, url: string, body?: unknown): Promise<unknown> {
  const response = await fetch(url, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  }).catch((cause: unknown) => {
    throw new LocalCloudError(
      'CLOUD_GONE',
      'The local cloud does not answer any more: start it again.',
      { cause },
    );
  });
  const text = await response.text();
  const answer: unknown = text ? JSON.parse(text) : undefined;
  if (response.ok) return answer;
  throw failure(response.status, answer);
}

/** The cloud says what is wrong in `{code, message}`. */
function failure(status: number, answer: unknown): LocalCloudError {
  const told = typeof answer === 'object' && answer !== null ? answer : {};
  const code = 'code' in told ? String(told.code) : 'REGISTRATION_FAILED';
  const message = 'message' in told ? String(told.message) : `the local cloud answered ${status}`;
  return new LocalCloudError(code, message);
}

function isHealth(value: unknown): value is CloudHealth {
  return (
    typeof value === 'object' && value !== null && 'name' in value && value.name === 'millrace'
  );
}

export function refused(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  return code === 'ECONNREFUSED' || code === 'ECONNRESET' || code === 'UND_ERR_SOCKET';
}
