/** What the platform says to the process that runs a service's functions. */
export type ToHost =
  | { readonly kind: 'start'; readonly functions: readonly HostedFunction[] }
  /** How far the clock of the process is ahead of the machine's, in milliseconds. */
  | { readonly kind: 'clock'; readonly aheadMs: number }
  | { readonly kind: 'stops'; readonly how: StopMode };

/**
 * What the end of an invocation in the middle is. `calls`: no further AWS call leaves it, as if the
 * sandbox had died between two of them. `process`: SIGKILL, and everything that runs beside it dies too.
 */
export type StopMode = 'calls' | 'process';

export type FromHost =
  | { readonly kind: 'ready'; readonly lambdaUrl: string }
  /** Handlers that run, stopped ones included. */
  | {
      readonly kind: 'running';
      readonly handlers: number;
      /** Of DynamoDB, since the process began. */
      readonly writeUnits: number;
    };

export interface HostedFunction {
  /** Full name, e.g. `millrace-etl-local-loadOrders`. */
  readonly name: string;
  readonly key: string;
  /** The file, absolute, and its export. */
  readonly file: string;
  readonly exportName: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}
