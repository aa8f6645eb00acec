import { hash } from 'node:crypto';
import {
  METRICS,
  type MetricDeclaration,
  type MetricName,
  minuteOf,
  type Observation,
} from '@millrace/types';
import { cellsOf, groupOf } from './cells.ts';
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
  /** The same without seconds, as times in UTC begin. */
  readonly prefix: string;
  readonly #logs = new Map<string, string>();
  readonly #groups = new Map<MetricName, GroupNode>();

  constructor(tenant: string, minute: string) {
    this.tenant = tenant;
    this.minute = minute;
    this.prefix = minute.slice(0, 'YYYY-MM-DDTHH:MM:'.length);
  }

  logOf(pipeline: string): string {
    let log = this.#logs.get(pipeline);
    if (log === undefined) {
      log = `${this.tenant}#${pipeline}#${this.minute}`;
      this.#logs.set(pipeline, log);
    }
    return log;
  }

  /**
   * `groupOf` an observation in this minute. The same text for the same group, by which it is looked
   * up again and again.
   */
  groupOf(metric: MetricName, observation: Observation): string {
    const { dimensions } = METRICS[metric] as MetricDeclaration;
    let node = nodeIn(this.#groups, metric);
    for (const name of dimensions) node = nodeIn(node.next, observation.by[name] ?? '');
    node.group ??= groupOf(cellsOf(this.tenant, metric, this.minute), metric, observation);
    return node.group;
  }
}

/** By the first dimension, the second and so on: short texts are found sooner than a joined one is made. */
interface GroupNode {
  readonly next: Map<string, GroupNode>;
  group: string | undefined;
}

function nodeIn<K extends string>(nodes: Map<K, GroupNode>, key: K): GroupNode {
  let node = nodes.get(key);
  if (!node) {
    node = { next: new Map(), group: undefined };
    nodes.set(key, node);
  }
  return node;
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
        minute: minutes.at(incoming.tenant, incoming.event.time),
      },
  );
}

/** The minutes of a batch, each once. */
export class Minutes {
  readonly #byTenant = new Map<string, Map<string, TenantMinute>>();
  #last: TenantMinute | undefined;

  /** @param time RFC 3339 with any offset. Most events come with others of their minute. */
  at(tenant: string, time: string): TenantMinute {
    const last = this.#last;
    if (last?.tenant === tenant && time.endsWith('Z') && time.startsWith(last.prefix)) return last;
    const one = this.#of(tenant, minuteOf(time));
    this.#last = one;
    return one;
  }

  #of(tenant: string, minute: string): TenantMinute {
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
