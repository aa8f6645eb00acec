import { errorCode } from '../errors.ts';

export interface OutgoingRecord {
  readonly partitionKey: string;
  readonly data: Uint8Array;
}

/** A record that the stream did not take. */
export interface UnsentRecord {
  /** Its place among the records given to `sendRecords`. */
  readonly index: number;
  /** Why, at the last attempt: e.g. `ProvisionedThroughputExceededException`. */
  readonly code: string;
}

export interface SendOptions {
  /**
   * One PutRecords request; answers each record's error code, undefined where it was taken. Rejects
   * when the request failed as a whole.
   */
  readonly put: (records: readonly OutgoingRecord[]) => Promise<readonly (string | undefined)[]>;
  /** Attempts for each record. Default 8: some 6 s of waiting on average. */
  readonly attempts?: number;
  /** False when there is no time to wait so many milliseconds and try once more. Default: always true. */
  readonly hasTimeFor?: (milliseconds: number) => boolean;
  readonly sleep?: (milliseconds: number) => Promise<void>;
  /** 0 ≤ n < 1. */
  readonly random?: () => number;
}

interface Pending {
  readonly record: OutgoingRecord;
  readonly index: number;
}

const RECORDS_PER_REQUEST = 500;
const BYTES_PER_REQUEST = 5 * 1024 * 1024;
const FIRST_DELAY_MS = 50;
const LONGEST_DELAY_MS = 2_000;

/**
 * Puts records on a Kinesis stream. PutRecords is not atomic: only what it refused is sent again,
 * after a wait that doubles, with full jitter. A record that is sent again may land behind a later
 * one of its partition key: consumers order by event time. Never rejects; answers what could not be
 * sent, in order.
 * https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html
 */
export async function sendRecords(
  records: readonly OutgoingRecord[],
  options: SendOptions,
): Promise<readonly UnsentRecord[]> {
  const unsent: UnsentRecord[] = [];
  for (const request of requestsOf(records.map((record, index) => ({ record, index })))) {
    unsent.push(...(await sendRequest(request, options)));
  }
  return unsent;
}

async function sendRequest(
  request: readonly Pending[],
  options: SendOptions,
): Promise<readonly UnsentRecord[]> {
  const { attempts = 8, hasTimeFor = () => true, sleep = wait, random = Math.random } = options;
  let pending = request;
  for (let attempt = 1; ; attempt++) {
    const codes = await attemptOnce(pending, options.put);
    const refused = pending.flatMap((one, place) => {
      const code = codes[place];
      return code === undefined ? [] : [{ ...one, code }];
    });
    if (refused.length === 0) return [];
    const delay = random() * Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (attempt - 1));
    if (attempt >= attempts || !hasTimeFor(delay)) {
      return refused.map(({ index, code }) => ({ index, code }));
    }
    await sleep(delay);
    pending = refused;
  }
}

async function attemptOnce(
  pending: readonly Pending[],
  put: SendOptions['put'],
): Promise<readonly (string | undefined)[]> {
  try {
    return await put(pending.map(({ record }) => record));
  } catch (error) {
    return pending.map(() => errorCode(error));
  }
}

/** Cuts to what one request may hold. A record that is too large by itself is sent alone and refused. */
function requestsOf(all: readonly Pending[]): Pending[][] {
  const requests: Pending[][] = [];
  let current: Pending[] = [];
  let bytes = 0;
  for (const one of all) {
    const size = one.record.data.byteLength + Buffer.byteLength(one.record.partitionKey);
    if (
      current.length === RECORDS_PER_REQUEST ||
      (current.length > 0 && bytes + size > BYTES_PER_REQUEST)
    ) {
      requests.push(current);
      current = [];
      bytes = 0;
    }
    current.push(one);
    bytes += size;
  }
  return current.length > 0 ? [...requests, current] : requests;
}

function wait(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
