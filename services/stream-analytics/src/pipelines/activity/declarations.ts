import { FUNNEL_STEPS } from '@millrace/types';
import { defineFunnels } from './funnel.ts';

/** A property of an activity event whose values are counted. */
export interface CountedProperty {
  /** Of the event. */
  readonly name: string;
  readonly property: string;
  /**
   * Counted one by one; any other value is counted as `other`. Without a list any value is taken:
   * how many different ones there were and which were the most frequent.
   */
  readonly values?: readonly string[];
}

/** FROZEN once deployed, as `METRICS` is: to change what is counted, count it under another name. */
export const COUNTED_PROPERTIES: readonly CountedProperty[] = [
  { name: 'signed-in', property: 'method', values: ['password', 'google', 'apple', 'passkey'] },
  { name: 'shared', property: 'channel', values: ['link', 'mail', 'message'] },
  { name: 'searched', property: 'query' },
  { name: 'view_product', property: 'category' },
  { name: 'purchase', property: 'payment', values: ['card', 'transfer', 'wallet'] },
];

export const FUNNELS = defineFunnels(FUNNEL_STEPS);
