import type { Row } from '@millrace/lake';

/** A row of the lake: one change of one item. */
export interface ChangeRow extends Row {
  /** Unique. */
  readonly change_id: string;
  /** Decimal text of 40 digits, zeros in front: compares as text. */
  readonly sequence: string;
}

/** DynamoDB's sequence numbers have 21 to 40 digits. */
const SEQUENCE_DIGITS = 40;

export function comparableSequence(sequence: string): string {
  return sequence.padStart(SEQUENCE_DIGITS, '0');
}
