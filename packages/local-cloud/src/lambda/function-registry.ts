import type { FunctionDefinition } from '../ports.ts';

/** Which functions there are and where the service that runs them can be reached right now. */
export interface FunctionRegistry {
  /** Replaces what `service` declares; functions of it that are not named any more are forgotten. */
  define(service: string, definitions: readonly FunctionDefinition[]): void;
  get(functionName: string): FunctionDefinition | undefined;
  list(): readonly FunctionDefinition[];
  /** `lambdaUrl` is the base address of the service's serverless-offline Lambda API. */
  setEndpoint(service: string, lambdaUrl: string): void;
  /** The service stopped: its functions are unavailable until it sets an endpoint again. */
  clearEndpoint(service: string): void;
  endpoint(service: string): string | undefined;
  /** The function is declared and its service is up. */
  isAvailable(functionName: string): boolean;
  /** Calls `listener` whenever a service comes up. Returns a function that ends it. */
  onAvailable(listener: (service: string) => void): () => void;
}

export function createFunctionRegistry(): FunctionRegistry {
  const definitions = new Map<string, FunctionDefinition>();
  const endpoints = new Map<string, string>();
  const listeners = new Set<(service: string) => void>();

  return {
    define(service, declared) {
      for (const definition of definitions.values()) {
        if (definition.service === service) definitions.delete(definition.name);
      }
      for (const definition of declared) definitions.set(definition.name, definition);
      // A function that is new to a running service becomes available by being defined.
      if (endpoints.has(service)) for (const listener of listeners) listener(service);
    },
    get: (functionName) => definitions.get(functionName),
    list: () => [...definitions.values()],
    setEndpoint(service, lambdaUrl) {
      endpoints.set(service, lambdaUrl.replace(/\/+$/, ''));
      for (const listener of listeners) listener(service);
    },
    clearEndpoint(service) {
      endpoints.delete(service);
    },
    endpoint: (service) => endpoints.get(service),
    isAvailable(functionName) {
      const definition = definitions.get(functionName);
      return definition !== undefined && endpoints.has(definition.service);
    },
    onAvailable(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
