import type { ApiClient } from './api-client.ts';
import type { DemoRun } from './run-state.ts';
import type { Targets } from './targets.ts';

/** What every step of the demo gets. */
export interface DemoContext {
  readonly targets: Targets;
  readonly run: DemoRun;
  /** The run's own tenant: counts are exact because nobody else writes into it. */
  readonly tenant: string;
  readonly api: ApiClient;
  /** How long a step waits for its result. */
  readonly timeoutMs: number;
  /** Widths of the renditions, largest first, as file-processing declares them. */
  readonly ladder: readonly number[];
  readonly onProgress: (message: string) => void;
}
