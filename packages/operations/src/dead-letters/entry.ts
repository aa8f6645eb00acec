import { compareSequenceNumbers } from '@millrace/middleware';

/**
 * `letter`: a record that a function put aside. `batch`: a range of a stream that used up its retries.
 * `invocation`: an asynchronous one that did. `rule-error`: a message that a topic rule could not hand
 * over. `work`: a job of file-processing that was given up, or whatever else lies in such a queue.
 */
export const KINDS = ['letter', 'batch', 'invocation', 'rule-error', 'work'] as const;
export type Kind = (typeof KINDS)[number];

/** `redriving`: in the hands of a run, or left behind by one that died. */
export type Status = 'open' | 'redriving' | 'redriven' | 'discarded';

/** One line of the list, of whichever kind. */
export interface Entry {
  readonly kind: Kind;
  readonly id: string;
  readonly service: string;
  /** The full name; of a rule error the function that the rule hands over to. */
  readonly functionName: string;
  readonly code: string;
  readonly message: string;
  /** When it was put aside, milliseconds since the epoch. */
  readonly at: number;
  readonly records: number;
  readonly status: Status;
}

export interface Filter {
  readonly service?: string | undefined;
  /** The short or the full name. */
  readonly functionName?: string | undefined;
  readonly code?: string | undefined;
  readonly kind?: Kind | undefined;
  /** None stands for all. */
  readonly ids: readonly string[];
}

export function isSelected(entry: Entry, filter: Filter): boolean {
  const { service, functionName, code, kind, ids } = filter;
  return (
    (service === undefined || service === entry.service) &&
    (functionName === undefined ||
      functionName === entry.functionName ||
      functionName === shortName(entry.functionName)) &&
    (code === undefined || code === entry.code) &&
    (kind === undefined || kind === entry.kind) &&
    (ids.length === 0 || ids.includes(entry.id))
  );
}

/** `countEvents` of `millrace-stream-analytics-local-countEvents`. */
export function shortName(functionName: string): string {
  return functionName.slice(functionName.lastIndexOf('-') + 1);
}

export function newestFirst(left: Entry, right: Entry): number {
  return right.at - left.at || (left.id < right.id ? -1 : left.id > right.id ? 1 : 0);
}

/** Where a record stood in its stream, as far as it is known. */
export interface Place {
  readonly sequenceNumber?: string | undefined;
  /** Of a user record in its aggregated record. */
  readonly subsequence?: number | undefined;
  /** Milliseconds since the epoch. */
  readonly arrivedAt: number;
}

export function comparePlaces(left: Place, right: Place): number {
  if (left.sequenceNumber !== undefined && right.sequenceNumber !== undefined) {
    const order = compareSequenceNumbers(left.sequenceNumber, right.sequenceNumber);
    return order || (left.subsequence ?? 0) - (right.subsequence ?? 0);
  }
  return left.arrivedAt - right.arrivedAt;
}
