import type { EventOf } from '@millrace/types';
import { type Pattern, pattern } from './pattern.ts';

type Log = EventOf<'millrace.log.v1'>['data'];
type Level = Log['level'];

/** Lines of these levels are always kept; a rule cannot say otherwise. */
export const ALWAYS_KEPT: ReadonlySet<Level> = new Set(['error', 'fatal']);
type Sampled = Exclude<Level, 'error' | 'fatal'>;

/** Which lines of the logs go to the lake. The first rule that a line fits decides. */
export interface LogRule {
  /** Counted by it. */
  readonly name: string;
  /** Default: all. */
  readonly levels?: readonly Sampled[];
  /** Names of services. Default: all. */
  readonly services?: readonly string[];
  /** At least one must fit (`pattern`). Default: any line. */
  readonly like?: readonly Pattern[];
  /** Of a thousand lines, how many are kept: 1000 keeps all, 0 none. */
  readonly keptPerThousand: number;
}

/**
 * What is changed here changes what is kept of lines that come after; lines that are in the lake stay.
 */
export const LOG_RULES: readonly LogRule[] = [
  {
    name: 'health_checks',
    levels: ['trace', 'debug', 'info'],
    like: ['GET /health*', '* GET /health*', '*"GET /health*', '*ELB-HealthChecker*'].map(pattern),
    keptPerThousand: 0,
  },
  { name: 'warnings', levels: ['warn'], keptPerThousand: 1000 },
  {
    name: 'slow_requests',
    like: ['*timed out*', '*slow query*'].map(pattern),
    keptPerThousand: 1000,
  },
  { name: 'trace', levels: ['trace'], keptPerThousand: 10 },
  { name: 'debug', levels: ['debug'], keptPerThousand: 100 },
];
