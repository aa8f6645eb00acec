import type { EventType, MillraceEvent } from '@millrace/types';
import type { Incoming } from '../../domain/engine/pipeline.ts';
import { type Change, Cleaning, each, type Treatment, treated, value } from './cleaning.ts';
import { PERSONAL } from './mask.ts';
import type { Scalar } from './rule.ts';
import { CLEANSING } from './rules.ts';
import { LINE } from './text.ts';
import { TIME_UTC } from './values.ts';

/** Makes the name of a person of a tenant unreadable; the same name always the same. */
export type Pseudonyms = (tenant: string, text: string) => string;

export type Cleansed =
  | { readonly event: MillraceEvent; readonly changes: readonly Change[] }
  /** An event that says nothing that can be used. The last change says why. */
  | { readonly dropped: true; readonly changes: readonly Change[] };

/** What tells an event from others is never touched, nor what the house itself writes. */
const IDENTITY = new Set([
  'specversion',
  'id',
  'source',
  'type',
  'tenant',
  'datacontenttype',
  'data',
]);

const TIME: Treatment = value(TIME_UTC);
const SUBJECT: Treatment = value(LINE, PERSONAL);
const EXTENSIONS = each(LINE, [...LINE, ...PERSONAL]);

/**
 * An event as it goes to the archive: in one form (UTC, NFC, our units), without personal data, with
 * what was missing; and every change that made it so. A function of the event and the pseudonyms
 * alone; which changes there are does not depend on the pseudonyms. What is clean stays as it is.
 */
export function cleanse(
  { event, tenant }: Pick<Incoming, 'event' | 'tenant'>,
  pseudonyms: Pseudonyms,
): Cleansed {
  const cleaning = new Cleaning((text) => pseudonyms(tenant, text));
  const { name, fields, repairs = [], drops = [] } = declarationOf(event.type);
  const envelope = envelopeOf(event, cleaning);
  const data = treated(event.data, fields, cleaning, name);
  for (const { rule, field, repair } of repairs) {
    if (data[field] !== undefined && data[field] !== '') continue;
    data[field] = repair(data);
    cleaning.note(rule, `${name}.${field}`);
  }
  const drop = drops.find(({ when }) => when(data));
  if (drop) {
    cleaning.note(drop.rule, `${name}.${drop.field}`);
    return { dropped: true, changes: cleaning.changes };
  }
  const cleansed = { ...envelope, data };
  // Each treatment keeps the type of its field; the tests hold the result against the schema.
  return { event: cleansed as unknown as MillraceEvent, changes: cleaning.changes };
}

function envelopeOf(event: MillraceEvent, cleaning: Cleaning): Record<string, unknown> {
  const envelope: [string, unknown][] = [];
  const extensions: [string, Scalar][] = [];
  for (const [name, one] of Object.entries(event)) {
    if (IDENTITY.has(name)) envelope.push([name, one]);
    else if (name === 'time') envelope.push([name, TIME(one, cleaning, 'time')]);
    else if (name === 'subject')
      envelope.push([name, SUBJECT(one, cleaning, 'subject') || undefined]);
    else if (isScalar(one)) extensions.push([name, one]);
    // CloudEvents knows no lists and objects as attributes: nobody looked into them.
    else cleaning.note('extension_removed', 'extensions.*');
  }
  const cleansed = EXTENSIONS(Object.fromEntries(extensions), cleaning, 'extensions');
  return { ...(cleansed as object), ...Object.fromEntries(envelope) };
}

function isScalar(one: unknown): one is Scalar {
  return one === null || ['string', 'number', 'boolean'].includes(typeof one);
}

/** As the type says; written for data of any type. */
interface AnyDeclaration {
  readonly name: string;
  readonly fields: Readonly<Record<string, Treatment>>;
  readonly repairs?: readonly {
    readonly rule: string;
    readonly field: string;
    readonly repair: (data: object) => unknown;
  }[];
  readonly drops?: readonly {
    readonly rule: string;
    readonly field: string;
    readonly when: (data: object) => boolean;
  }[];
}

function declarationOf(type: EventType): AnyDeclaration {
  return CLEANSING[type] as unknown as AnyDeclaration;
}
