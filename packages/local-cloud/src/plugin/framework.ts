/** The part of the Serverless Framework's objects that the plugin touches. */

export interface ServerlessFunction {
  name: string;
  handler?: string;
  timeout?: number;
  memorySize?: number;
  reservedConcurrency?: number;
  environment?: Record<string, unknown>;
  maximumRetryAttempts?: number;
  maximumEventAge?: number;
  destinations?: { onFailure?: unknown; onSuccess?: unknown };
  events?: Record<string, unknown>[];
}

export interface ServerlessService {
  service: string;
  functions?: Record<string, ServerlessFunction>;
  resources?: Record<string, unknown>;
  custom?: Record<string, unknown>;
  provider: {
    stage?: string;
    region?: string;
    timeout?: number;
    memorySize?: number;
    environment?: Record<string, unknown>;
    httpApi?: { authorizers?: Record<string, unknown> };
    s3?: Record<string, unknown>;
  };
}

export interface Serverless {
  readonly service: ServerlessService;
  readonly serviceDir?: string;
  readonly processedInput?: { readonly commands: readonly string[] };
}

export interface PluginUtils {
  readonly log?: {
    notice(message: string): void;
    warning(message: string): void;
    error(message: string): void;
  };
}

export type CliOptions = Record<string, unknown>;
