import { maskEmails } from './emails.ts';
import { maskNumbers, type PersonalNumber } from './personal-numbers.ts';
import { type Rule, textRule } from './rule.ts';

/** Forms of other alphabets that are typed for digits, `@`, `+` and separators; each one code unit. */
const FOLDED = /[０-９＠＋－．（）‐-―−\u00a0\u3000]/g;

/** As long as the text, so that positions in it are positions in the text. */
function fold(text: string): string {
  if (!MAY_BE_FOLDED.test(text)) return text;
  return text.replace(FOLDED, (char) => {
    if (char === '\u00a0' || char === '\u3000') return ' ';
    const code = char.charCodeAt(0);
    return code > 0xff00 ? String.fromCharCode(code - 0xfee0) : '-';
  });
}

/** Seven digits that may belong together: what has none has no personal number. */
const MAY_HOLD_NUMBER = /(?<![A-Za-z0-9_])[+(]{0,2}\d(?:[ .()-]{0,3}\d){6}/;
const MAY_BE_FOLDED = /[\u00a0-\uffff]/;

/** Numbers are looked at, too: a card or resident number may come as one. */
function numberRule(kind: PersonalNumber): Rule {
  const mask = (text: string) => {
    const plain = fold(text);
    return MAY_HOLD_NUMBER.test(plain) ? maskNumbers(text, plain, kind) : text;
  };
  return {
    name: `mask_${kind}`,
    apply: (value) => {
      if (typeof value === 'string') return mask(value);
      if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 1e12) return value;
      const text = String(value);
      const masked = mask(text);
      return masked === text ? value : masked;
    },
  };
}

/** Credentials that are told in passing. Each begins where no letter or digit is before it. */
const SECRETS: readonly (readonly [RegExp, string])[] = [
  [/(?<![\w-])eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g, '[secret]'],
  [/(?<![A-Za-z0-9])(?:AKIA|ASIA)[0-9A-Z]{16}(?![A-Za-z0-9])/g, '[secret]'],
  [/(?<![A-Za-z0-9])(bearer|basic) [\w.~+/=-]{8,}/gi, '$1 [secret]'],
  [
    /(?<![A-Za-z0-9])(password|passwd|pwd|secret|token|api[_-]?key)(["']?\s{0,2}[=:]\s{0,2}["']?)(?!\[secret\])[^\s"'&,;]+/gi,
    '$1$2[secret]',
  ],
];

const secret = textRule('mask_secret', (text) =>
  SECRETS.reduce((masked, [pattern, by]) => masked.replace(pattern, by), text),
);

const email = textRule('mask_email', (text) =>
  /[@＠]/.test(text) ? maskEmails(text, fold(text)) : text,
);

/** Personal data within texts. Residents before cards before phones: the narrower goes first. */
export const PERSONAL: readonly Rule[] = [
  secret,
  email,
  numberRule('rrn'),
  numberRule('card'),
  numberRule('phone'),
];

/** Ends of names that say what their value is, whatever it looks like. */
const NAMED: readonly (readonly [ending: string, label: string])[] = [
  ...['password', 'passwd', 'pwd', 'secret', 'token', 'authorization', 'cookie', 'credential']
    .concat(['api key', 'apikey', 'access key', 'private key', 'session id'])
    .map((ending) => [ending, '[secret]'] as const),
  ...['email', 'e mail', 'mail address'].map((ending) => [ending, '[email]'] as const),
  ...['phone', 'phone number', 'mobile', 'tel', 'fax'].map((end) => [end, '[phone]'] as const),
  ...['rrn', 'ssn', 'passport', 'passport number'].map((ending) => [ending, '[rrn]'] as const),
  ...['card number', 'cardnumber', 'card no', 'pan'].map((ending) => [ending, '[card]'] as const),
];

export const labelOfName = (name: string): string | undefined => {
  const words = ` ${name
    // What was masked in a name does not name its value.
    .replace(/\[[a-z]+\]/g, ' ')
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()}`;
  return NAMED.find(([ending]) => words.endsWith(` ${ending}`))?.[1];
};

/** A property that is called `customerEmail` or `api_key` is masked as a whole. */
export const BY_NAME: Rule = {
  name: 'mask_named',
  apply: (value, { name }) =>
    value === null || typeof value === 'boolean' || value === ''
      ? value
      : (labelOfName(name) ?? value),
};

/** A person's name in a system: the same for the same person, so that rows still join. */
export const PSEUDONYM: Rule = textRule('pseudonym', (text, { pseudonym }) =>
  text === '' ? text : pseudonym(text),
);
