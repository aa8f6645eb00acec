/** How a table's commits are made. All may be changed at any time. */
export interface TableSettings {
  /** Size that files are made to have. */
  readonly targetBytes: number;
  /** Rows that one commit takes in, in memory (`bytesOf`): bounds the job's memory. */
  readonly roundBytes: number;
  /** An object of the intake is taken in so long after its time began: spares writing again. */
  readonly settleMs: number;
  /** Objects of the intake that are in are removed so long after their time began. */
  readonly intakeKeptMs: number;
  /** What a manifest named is there for so long after the next one: the longest that a reader reads. */
  readonly graceMs: number;
  /** Changes of earlier days are dropped. Default: none are. */
  readonly keepDays?: number;
  /**
   * How long after its end an item is remembered to be gone: changes that come later than that may
   * bring it back into `current`. Longer than anything is redriven.
   */
  readonly removedKeptMs: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

export const DEFAULT_SETTINGS: TableSettings = {
  targetBytes: 128 * 1024 * 1024,
  roundBytes: 128 * 1024 * 1024,
  settleMs: 1.5 * MINUTE_MS,
  intakeKeptMs: 2 * DAY_MS,
  graceMs: DAY_MS,
  removedKeptMs: 90 * DAY_MS,
};
