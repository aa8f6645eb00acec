import type { FunctionRegistry } from '../lambda/index.ts';
import type { ServiceEndpoint } from './millrace-api.ts';

const WATCH_INTERVAL_MS = 1_000;

export interface ServiceStatus {
  readonly service: string;
  readonly functions: readonly string[];
  readonly running: boolean;
  readonly endpoint?: ServiceEndpoint;
}

/** Which services run where. A service whose process is gone counts as stopped. */
export interface ServiceDirectory {
  setEndpoint(service: string, endpoint: ServiceEndpoint): void;
  clearEndpoint(service: string): void;
  status(): ServiceStatus[];
  close(): void;
}

export function createServiceDirectory(registry: FunctionRegistry): ServiceDirectory {
  const endpoints = new Map<string, ServiceEndpoint>();

  function clearEndpoint(service: string): void {
    endpoints.delete(service);
    registry.clearEndpoint(service);
  }

  // A killed service says no goodbye, and its port may soon be another program's.
  const watch = setInterval(() => {
    for (const [service, { pid }] of endpoints) if (!isAlive(pid)) clearEndpoint(service);
  }, WATCH_INTERVAL_MS);
  watch.unref();

  return {
    setEndpoint(service, endpoint) {
      endpoints.set(service, endpoint);
      registry.setEndpoint(service, endpoint.lambdaUrl);
    },
    clearEndpoint,
    status() {
      const functions = Map.groupBy(registry.list(), ({ service }) => service);
      const names = new Set([...functions.keys(), ...endpoints.keys()]);
      return [...names].sort().map((service) => {
        const endpoint = endpoints.get(service);
        return {
          service,
          functions: (functions.get(service) ?? []).map(({ name }) => name),
          running: endpoint !== undefined,
          ...(endpoint && { endpoint }),
        };
      });
    },
    close: () => clearInterval(watch),
  };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Another user's process may not be signalled, but it is there.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
