import { createHash } from 'node:crypto';
import { type Cell, MINUTE, objectSlot, type Row } from '@millrace/lake';
import type { MillraceEvent } from '@millrace/types';
import type { Change } from '../../pipelines/cleansing/cleaning.ts';
import { cleanse, type Pseudonyms } from '../../pipelines/cleansing/cleanse.ts';
import { CLEANSING } from '../../pipelines/cleansing/rules.ts';
import { decide, type LogEvent } from '../../pipelines/logs/decide.ts';
import type { IncomingEvent } from '../incoming-event.ts';
import { COLUMNS } from './layouts.ts';

export type Archived =
  | { readonly kind: 'row'; readonly key: string; readonly row: Row }
  /** Not wanted in the lake: dropped by cleansing, or a line that no rule keeps. */
  | { readonly kind: 'left_out' };

/**
 * The row that an event becomes and the object that it belongs to. A function of the event (and the
 * pseudonyms) alone, whatever record, batch or shard it comes in:
 * `events/type=click/tenant=acme/dt=2026-11-23/0941-0.parquet`, lines of logs in
 * `logs/service=shop/tenant=acme/…`. Day and minute (UTC) are when the event happened.
 */
export function archiveRow(incoming: IncomingEvent, pseudonyms: Pseudonyms): Archived {
  const cleansed = cleanse(incoming, pseudonyms);
  if ('dropped' in cleansed) return { kind: 'left_out' };
  const { event, changes } = cleansed;
  const { tenant } = incoming;
  if (isLog(event) && decide(event, tenant).decision !== 'kept') return { kind: 'left_out' };
  const id = rowId(incoming);
  const place = isLog(event)
    ? `logs/service=${pathValue(event.data.service)}`
    : `events/type=${CLEANSING[event.type].name}`;
  const slot = objectSlot(MINUTE, new Date(event.time), () => id);
  const key = `${place}/tenant=${pathValue(tenant)}/${slot}`;
  return { kind: 'row', key, row: rowOf(id, tenant, event, changes) };
}

const isLog = (event: MillraceEvent): event is LogEvent => event.type === 'millrace.log.v1';

/** What tells an event from others: what a producer sends twice is one row. */
export function rowId({ tenant, event }: IncomingEvent): string {
  const identity = JSON.stringify([tenant, event.source, event.id]);
  return createHash('sha256').update(identity).digest('hex').slice(0, 32);
}

const KNOWN = new Set(
  ['specversion', 'id', 'source', 'type', 'time', 'subject', 'tenant', 'data'].concat(
    'datacontenttype',
  ),
);

function rowOf(id: string, tenant: string, event: MillraceEvent, changes: readonly Change[]): Row {
  const extensions = Object.entries(event).filter(([name]) => !KNOWN.has(name));
  return {
    row_id: id,
    tenant_id: tenant,
    event_type: event.type,
    source: event.source,
    event_id: event.id,
    time: new Date(event.time),
    subject: event.subject ?? null,
    ...dataCells(event),
    extensions: jsonOf(extensions),
    cleansed: changes.length > 0 ? JSON.stringify(changes) : null,
  };
}

function dataCells({ type, data, ...event }: MillraceEvent): Record<string, Cell> {
  const fields = new Map<string, unknown>(Object.entries(data));
  const cells: Record<string, Cell> = {};
  for (const [column, field] of Object.entries(COLUMNS[type].texts)) {
    cells[column] = (fields.get(field) as string | undefined) ?? null;
    fields.delete(field);
  }
  for (const [column, total] of Object.entries(COLUMNS[type].totals ?? {})) {
    // Each declaration takes only events of its type.
    cells[column] = total({ type, data, ...event } as never);
  }
  return { ...cells, data: jsonOf([...fields]) };
}

function jsonOf(entries: readonly (readonly [string, unknown])[]): string | null {
  return entries.length > 0 ? JSON.stringify(Object.fromEntries(entries)) : null;
}

const PLAIN = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const DIGEST = /^x-[0-9a-f]{16}$/;

/** A name in the path of an object. What cannot stand there, or is too long, is there by its digest. */
export function pathValue(name: string): string {
  if (PLAIN.test(name) && !DIGEST.test(name)) return name;
  return `x-${createHash('sha256').update(name).digest('hex').slice(0, 16)}`;
}
