import type { EventOf, EventType } from '@millrace/types';
import { languageOf } from '../posts/language.ts';
import { each, elements, measured, type Treatment, used, value } from './cleaning.ts';
import { BY_NAME, PERSONAL, PSEUDONYM } from './mask.ts';
import { LINE, LOG_LINES, PARAGRAPHS } from './text.ts';
import { NUMBER_IN_TEXT, TIME_UTC } from './values.ts';
import { WEB_ADDRESS } from './web-address.ts';

type DataOf<T extends EventType> = EventOf<T>['data'];

/**
 * All that cleansing does, by type of event. A new rule is an entry here; `cleanse` carries it out
 * and every change is counted by its name.
 */
interface Declaration<T extends EventType> {
  /** How the type is called in counts and in the lake: `type=<name>`. */
  readonly name: string;
  /** What is done with each field, in the order of the rules. */
  readonly fields: { readonly [F in keyof DataOf<T>]?: Treatment };
  /** What is put where something is missing, or empty. */
  readonly repairs?: readonly {
    readonly rule: string;
    readonly field: keyof DataOf<T> & string;
    readonly repair: (data: DataOf<T>) => DataOf<T>[keyof DataOf<T>] | undefined;
  }[];
  /** Events that say nothing that can be used; looked at when all else is done. */
  readonly drops?: readonly {
    readonly rule: string;
    readonly field: keyof DataOf<T> & string;
    readonly when: (data: DataOf<T>) => boolean;
  }[];
}

/** Properties and log fields whose texts are amounts or times, by the last word of their name. */
const NUMBERS = /(?:^|[_.-])(?:amount|price|quantity|count|total|duration|ms|bytes|score)$/i;
const TIMES = /(?:^|[_.-])(?:at|time|timestamp)$/i;
const byName = (name: string) => {
  if (NUMBERS.test(name)) return [NUMBER_IN_TEXT];
  return TIMES.test(name) ? [TIME_UTC] : [];
};
const properties = each([...LINE, ...PERSONAL], [BY_NAME, ...LINE, ...PERSONAL], byName);
const fields = each([...LINE, ...PERSONAL], [BY_NAME, ...LOG_LINES, ...PERSONAL], byName);
const person = value(LINE, PSEUDONYM);
const name = value(LINE, PERSONAL);
const address = value(LINE, WEB_ADDRESS);
const empty = <D, F extends keyof D & string>(field: F) => ({
  rule: 'empty_event_dropped',
  field,
  when: (data: D) => data[field] === '',
});

type Activity = DataOf<'millrace.activity.v1'>;
type Click = DataOf<'millrace.click.v1'>;
type Order = DataOf<'millrace.order.v1'>;
type Post = DataOf<'millrace.post.v1'>;

export const CLEANSING: { readonly [T in EventType]: Declaration<T> } = {
  'millrace.activity.v1': {
    name: 'activity',
    fields: { name, userId: person, properties },
    drops: [
      empty<Activity, 'name'>('name'),
      empty<Activity, 'userId'>('userId'),
      {
        rule: 'negative_quantity_dropped',
        field: 'properties',
        when: ({ properties = {} }) => isNegative(properties.quantity),
      },
    ],
  },
  'millrace.click.v1': {
    name: 'click',
    fields: { visitorId: person, url: address, referrer: address, userAgent: value(LINE) },
    repairs: [{ rule: 'action_repaired', field: 'action', repair: () => 'view' }],
    drops: [empty<Click, 'visitorId'>('visitorId'), empty<Click, 'url'>('url')],
  },
  'millrace.order.v1': {
    name: 'order',
    fields: { customerId: person, lines: elements({ sku: value(LINE) }) },
    drops: [empty<Order, 'customerId'>('customerId')],
  },
  'millrace.log.v1': {
    name: 'log',
    // A line is never dropped here: which lines are kept is for the pipeline `logs` to say.
    fields: { service: name, message: value(LOG_LINES, PERSONAL), fields },
    repairs: [{ rule: 'service_repaired', field: 'service', repair: () => 'unknown' }],
  },
  'millrace.post.v1': {
    name: 'post',
    fields: { author: person, text: value(PARAGRAPHS, PERSONAL), lang: value(LANGUAGE_TAG()) },
    repairs: [
      {
        rule: 'lang_repaired',
        field: 'lang',
        repair: ({ text }) => languageOf(text, undefined),
      },
    ],
    drops: [empty<Post, 'author'>('author'), empty<Post, 'text'>('text')],
  },
  'millrace.telemetry.v1': {
    name: 'telemetry',
    fields: { metrics: measured, usage: used },
    drops: [
      {
        rule: 'empty_event_dropped',
        field: 'metrics',
        when: ({ metrics, usage = {} }) =>
          Object.keys(metrics).length === 0 && Object.keys(usage).length === 0,
      },
    ],
  },
  'millrace.document.v1': {
    name: 'document',
    fields: {
      title: value(LINE, PERSONAL),
      text: value(PARAGRAPHS, PERSONAL),
      url: address,
      lang: value(LANGUAGE_TAG()),
    },
  },
};

function isNegative(quantity: unknown): boolean {
  return typeof quantity === 'number' && quantity < 0;
}

/** `KO`, `en-us` → `ko`, `en-US`. */
function LANGUAGE_TAG() {
  return {
    name: 'lang_normalised',
    apply: (tag: unknown) => {
      try {
        return Intl.getCanonicalLocales(String(tag))[0] ?? String(tag);
      } catch {
        return String(tag);
      }
    },
  };
}
