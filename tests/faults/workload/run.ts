import type { EventOf, MillraceEvent, OrderItem } from '@millrace/types';
import type { Platform } from '../platform/platform.ts';
import type { ApiClient } from './api-client.ts';
import type { Clients } from './clients.ts';
import type { Persist } from './persist.ts';

/** One run: who sends, and what must be true of it afterwards. */
export interface Run {
  readonly platform: Platform;
  readonly clients: Clients;
  readonly api: ApiClient;
  readonly persist: Persist;
  readonly tenant: string;
  readonly expected: Expected;
}

/** What was sent and acknowledged, as the stores must show it. */
export interface Expected {
  /** Events that must be counted, each once however often it was sent. */
  readonly events: MillraceEvent[];
  /** By order id. */
  readonly orders: Map<string, ExpectedOrder>;
  /** Ids of order events that no order can take: a person must look at each of them. */
  readonly illegal: Set<string>;
  /** By key of the upload. */
  readonly files: Map<string, ExpectedFile>;
  /** Messages of devices that are refused: one letter for each. */
  readonly refusals: {
    readonly deviceId: string;
    readonly code: string;
    readonly payload: string;
  }[];
  /** Devices in their table, by id; null: removed. */
  readonly devices: Map<string, { readonly name?: string } | null>;
  /** Device ids of items that the lake refuses. */
  readonly strangers: Set<string>;
  /** Everything that was said of each document, by its id. */
  readonly documents: Map<string, readonly EventOf<'millrace.document.v1'>[]>;
  /** Keys of uploads that can never be processed: they end in the failures queue. */
  readonly impostors: Set<string>;
  /** Inputs that the API refused with the right reason. */
  refusedAtBorder: number;
  /** Everything that was sent, repetitions included. */
  sent: number;
}

export type ExpectedOrder = Pick<
  OrderItem,
  'customerId' | 'currency' | 'lines' | 'status' | 'createdAt' | 'updatedAt'
>;

export type ExpectedFile =
  | { readonly status: 'ready'; readonly width: number; readonly height: number }
  /** Of another kind than a picture, with so many rows in the lake. */
  | { readonly status: 'ready'; readonly kind: string; readonly rows: number }
  | { readonly status: 'rejected'; readonly code: string }
  | { readonly status: 'removed' };

export function nothingExpected(): Expected {
  return {
    events: [],
    orders: new Map(),
    illegal: new Set(),
    files: new Map(),
    refusals: [],
    devices: new Map(),
    strangers: new Set(),
    documents: new Map(),
    impostors: new Set(),
    refusedAtBorder: 0,
    sent: 0,
  };
}

/** What the service did not do as it promises; found while sending. */
export function requireThat(holds: boolean, what: string, detail?: unknown): void {
  if (holds) return;
  throw new Error(`${what}${detail === undefined ? '' : `: ${JSON.stringify(detail)}`}`);
}
