import type { Rule } from './rule.ts';

/** Digits with or without thousands separators; the fraction after a point. */
const NUMBER = /^[+-]?(?:\d{1,3}(?:,\d{3}){1,5}|\d{1,15})(?:\.\d{1,15})?$/;
/** A double says every number of so many digits back. */
const EXACT_DIGITS = 15;

/** `"1,234.50"` → 1234.5. What a double cannot say exactly stays text. */
export const NUMBER_IN_TEXT: Rule = {
  name: 'number_in_text',
  apply: (value) => {
    if (typeof value !== 'string') return value;
    const text = value.normalize('NFKC').trim();
    if (!NUMBER.test(text)) return value;
    const digits = text.replace(/[^0-9]/g, '').replace(/^0+/, '');
    return digits.length > EXACT_DIGITS ? value : Number(text.replaceAll(',', ''));
  },
};

const TIME = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:[Zz]|[+-]\d{2}:\d{2})$/;

/** RFC 3339 with an offset → UTC in milliseconds: `2026-11-23T18:41:07+09:00` → `2026-11-23T09:41:07.000Z`. */
export const TIME_UTC: Rule = {
  name: 'time_utc',
  apply: (value) => {
    if (typeof value !== 'string' || !TIME.test(value)) return value;
    const instant = Date.parse(value.replace(' ', 'T').toUpperCase());
    const utc = Number.isNaN(instant) ? value : new Date(instant).toISOString();
    // A year of five digits is no time that compares as text.
    return utc.length === 24 ? utc : value;
  },
};
