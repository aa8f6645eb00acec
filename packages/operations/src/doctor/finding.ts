/** One thing that was looked at. */
export interface Finding {
  /** `wrong` stops something that was asked for; `attention` is worth knowing. */
  readonly level: 'good' | 'attention' | 'wrong';
  /** Stable, for programs. */
  readonly code: string;
  readonly what: string;
  /** What to do, where something is to be done. */
  readonly remedy?: string;
}

export const good = (code: string, what: string): Finding => ({ level: 'good', code, what });

export const attention = (code: string, what: string, remedy: string): Finding => ({
  ...{ level: 'attention', code, what, remedy },
});

export const wrong = (code: string, what: string, remedy: string): Finding => ({
  ...{ level: 'wrong', code, what, remedy },
});
