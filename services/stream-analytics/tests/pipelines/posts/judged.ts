/** A sentence and what a reader would say of it. */
export interface Judged {
  readonly polarity: '+' | '-' | '0';
  readonly text: string;
}
