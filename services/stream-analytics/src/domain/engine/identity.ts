import { hash } from 'node:crypto';
import { type MetricName, minuteOf } from '@millrace/types';
import { cellsOf } from './cells.ts';
import type { Incoming } from './pipeline.ts';

/**
 * Of SHA-256: among the 10⁹ events that a log could ever hold, two meet by chance with a probability
 * of 10⁻¹¹. FROZEN, as is everything in this file: a delivery of an event that was processed is known
 * by what is made here.
 */
const DIGEST_BYTES = 12;

/**
 * Two events are one when tenant, source and id agree and they tell the same minute of event time
 * (CloudEvents: source + id is unique; what is sent again is the same event, so its time is too).
 *
 * @param slice which part of an event that is too large for one transaction.
 * @returns `DIGEST_BYTES` bytes as characters below 256.
 */
export function digestOf({ event, tenant }: Incoming, slice = 0): string {
  const { source, id } = event;
  // Lengths keep the parts apart.
  const identity = `${tenant.length} ${source.length} ${slice} ${tenant}${source}${id}`;
  // Halves of characters would all be hashed as one; as JSON they are told apart.
  const distinct = identity.isWellFormed() ? identity : JSON.stringify(identity);
  return hash('sha256', distinct, 'binary').slice(0, DIGEST_BYTES);
}

/**
 * A tenant's minute of event time, shared by all its events in a batch: a pipeline notes them in one
 * log, and a name that is there already is looked up without reading it again.
 */
export class TenantMinute {
  readonly tenant: string;
  /** RFC 3339, to the minute. */
  readonly minute: string;
  readonly #logs = new Map<string, string>();
  readonly #cells = new Map<MetricName, string>();

  constructor(tenant: string, minute: string) {
    this.tenant = tenant;
    this.minute = minute;
  }

  logOf(pipeline: string): string {
    let log = this.#logs.get(pipeline);
    if (log === undefined) {
      log = `${this.tenant}#${pipeline}#${this.minute}`;
      this.#logs.set(pipeline, log);
    }
    return log;
  }

  /** What the names of a metric's groups begin with. */
  cellsOf(metric: MetricName): string {
    let cells = this.#cells.get(metric);
    if (cells === undefined) {
      cells = cellsOf(this.tenant, metric, this.minute);
      this.#cells.set(metric, cells);
    }
    return cells;
  }
}

/** An event of a batch and what all pipelines know it by. */
export interface Identified {
  readonly incoming: Incoming;
  readonly digest: string;
  readonly minute: TenantMinute;
}

/** Keeps the positions of a batch. */
export function identifyAll(
  batch: readonly (Incoming | undefined)[],
): readonly (Identified | undefined)[] {
  const minutes = new Minutes();
  return batch.map(
    (incoming) =>
      incoming && {
        incoming,
        digest: digestOf(incoming),
        minute: minutes.of(incoming.tenant, minuteOf(incoming.event.time)),
      },
  );
}

/** The minutes of a batch, each once. */
export class Minutes {
  readonly #byTenant = new Map<string, Map<string, TenantMinute>>();

  of(tenant: string, minute: string): TenantMinute {
    let minutes = this.#byTenant.get(tenant);
    if (!minutes) {
      minutes = new Map();
      this.#byTenant.set(tenant, minutes);
    }
    let one = minutes.get(minute);
    if (!one) {
      one = new TenantMinute(tenant, minute);
      minutes.set(minute, one);
    }
    return one;
  }
}

export function digestsToBytes(digests: readonly string[]): Uint8Array {
  return Buffer.from(digests.join(''), 'latin1');
}

export function digestsOfBytes(bytes: Uint8Array): string[] {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  const digests: string[] = [];
  for (let at = 0; at < text.length; at += DIGEST_BYTES) {
    digests.push(text.slice(at, at + DIGEST_BYTES));
  }
  return digests;
}

/** RFC 3339, to the minute. */
export function minuteOfLog(log: string): string {
  return log.slice(log.lastIndexOf('#') + 1);
}
