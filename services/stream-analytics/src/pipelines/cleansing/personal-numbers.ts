/** What a digit that begins a number is not preceded by, nor one that ends it followed by. */
const WORD = /[A-Za-z0-9_]/;
const DIGITS = /\d+/y;

const RESIDENT = /(\d{2})(\d{2})(\d{2})( ?- ?| )?([1-8])(\d{6})(?![A-Za-z0-9_])/y;
/** Mobile and internet phones are known without separators; other area codes only with one. */
const PHONES: readonly RegExp[] = [
  /\(?(?:\+?82[ .-]?\(?0?\)?|0)(?:1[016789]|70)[ .)-]{0,2}\d{3,4}[ .-]?\d{4}(?![A-Za-z0-9_])/y,
  /\(?(?:\+?82[ .-]?\(?0?\)?|0)(?:2|[3-6]\d|80|50\d?)[ .)-]{1,2}\d{3,4}[ .-]?\d{4}(?![A-Za-z0-9_])/y,
  /\+[1-9]\d{0,2}(?:[ .()-]{0,2}\d){6,13}(?![A-Za-z0-9_])/y,
  /\(?[2-9]\d{2}\)?[ .-]\d{3}[.-]\d{4}(?![A-Za-z0-9_])/y,
];

const CARD_DIGITS = { least: 13, most: 19 } as const;
/** Issuers by their first digits, with the lengths of their numbers. */
const CARDS: readonly { readonly begins: RegExp; readonly lengths: readonly number[] }[] = [
  { begins: /^4/, lengths: [13, 16, 19] },
  { begins: /^(?:5[1-5]|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720))/, lengths: [16] },
  { begins: /^3[47]/, lengths: [15] },
  { begins: /^3(?:0[0-5]|[68])/, lengths: [14] },
  { begins: /^(?:6011|65|64[4-9]|35(?:2[89]|[3-8])|9)/, lengths: [16] },
  { begins: /^62/, lengths: [16, 17, 18, 19] },
];

export type PersonalNumber = 'rrn' | 'card' | 'phone';

/**
 * Replaces numbers of one kind by `[rrn]`, `[card]` or `[phone]`: resident registration numbers
 * (Korean), card numbers (by issuer and check digit), phone numbers (Korean, international, North
 * American). Looks at every group of digits once, so it takes time in proportion to the text,
 * whatever it holds.
 *
 * @param plain the text with its digits and separators in ASCII, as long as the text.
 */
export function maskNumbers(text: string, plain: string, kind: PersonalNumber): string {
  let masked = '';
  let copied = 0;
  for (let at = nextStart(plain, 0); at >= 0; ) {
    const end = END_OF[kind](plain, at);
    if (end > at) {
      masked += `${text.slice(copied, at)}[${kind}]`;
      copied = end;
    }
    at = nextStart(plain, end > at ? end : endOfGroup(plain, at));
  }
  return copied === 0 ? text : masked + text.slice(copied);
}

/** Where the number of a kind ends that begins here; 0 where none does. */
const END_OF: Readonly<Record<PersonalNumber, (text: string, at: number) => number>> = {
  rrn: endOfResident,
  card: endOfCard,
  phone: (text, at) => Math.max(...PHONES.map((phone) => endOf(phone, text, at))),
};

const START = /[+(]{0,2}\d/g;

function nextStart(text: string, from: number): number {
  START.lastIndex = from;
  for (let found = START.exec(text); found; found = START.exec(text)) {
    const before = found.index === 0 ? '' : text.charAt(found.index - 1);
    if (!WORD.test(before)) return found.index;
    START.lastIndex = endOfGroup(text, found.index);
  }
  return -1;
}

/** After the digits that begin at or right after `at`. */
function endOfGroup(text: string, at: number): number {
  let start = at;
  while (start < text.length && /[+(]/.test(text.charAt(start))) start += 1;
  return Math.max(at + 1, endOf(DIGITS, text, start));
}

function endOf(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : 0;
}

/** Born on a day that there is; written without a separator only with the right check digit. */
function endOfResident(text: string, at: number): number {
  RESIDENT.lastIndex = at;
  const found = RESIDENT.exec(text);
  if (!found) return 0;
  const [whole, , month, day, separator] = found;
  const isDate = Number(month) >= 1 && Number(month) <= 12 && Number(day) >= 1 && Number(day) <= 31;
  if (!isDate || (separator === undefined && !hasResidentCheck(whole))) return 0;
  return at + whole.length;
}

function hasResidentCheck(digits: string): boolean {
  const weights = [2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5];
  const sum = weights.reduce((total, weight, at) => total + weight * Number(digits.charAt(at)), 0);
  const last = Number(digits.charAt(12));
  // Citizens, and foreigners.
  return last === (11 - (sum % 11)) % 10 || last === (13 - (sum % 11)) % 10;
}

/** Groups of at least four digits (the last: three) between single spaces or hyphens. */
function endOfCard(text: string, at: number): number {
  let digits = '';
  let group = 0;
  let end = 0;
  for (let next = at; next < text.length && digits.length < CARD_DIGITS.most; next += 1) {
    const char = text.charAt(next);
    if (char >= '0' && char <= '9') {
      digits += char;
      group += 1;
      const isWhole = !WORD.test(text.charAt(next + 1)) && group >= 3;
      if (isWhole && digits.length >= CARD_DIGITS.least && isCard(digits)) end = next + 1;
    } else if ((char === ' ' || char === '-') && group >= 4) {
      group = 0;
    } else {
      break;
    }
  }
  return end;
}

function isCard(digits: string): boolean {
  const issuer = CARDS.find(({ begins }) => begins.test(digits));
  return issuer?.lengths.includes(digits.length) === true && hasLuhnCheck(digits);
}

/** ISO/IEC 7812-1, annex B. */
function hasLuhnCheck(digits: string): boolean {
  let sum = 0;
  for (let at = 0; at < digits.length; at += 1) {
    const digit = Number(digits.charAt(digits.length - 1 - at));
    const doubled = at % 2 === 0 ? digit : 2 * digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}
