/**
 * PostgreSQL's text holds neither U+0000 nor half of a surrogate pair; DynamoDB's holds both. Each is
 * written as the mark and the code unit's four digits, the mark itself as the mark and `ffff`: other
 * texts stay as they are, different texts stay different, and `originalText` gives back what was.
 */
const MARK = '\u{10FFFF}';

/** With `u`, a surrogate only matches where it has no other half. */
const UNSTORABLE = /\0|\u{10FFFF}|[\uD800-\uDFFF]/gu;

export function storableText(text: string): string {
  return text.replace(UNSTORABLE, (found) => (found === MARK ? `${MARK}ffff` : marked(found)));
}

export function originalText(text: string): string {
  return text.replace(/\u{10FFFF}([0-9a-f]{4})/gu, (_, digits: string) =>
    digits === 'ffff' ? MARK : String.fromCharCode(Number.parseInt(digits, 16)),
  );
}

/**
 * The same for the texts in JSON, where `JSON.stringify` has written what is unstorable as `\u0000`
 * and `\ud800` to `\udfff`. An escaped backslash is stepped over, so that `\\u0000` stays a text.
 */
export function storableJson(json: string): string {
  if (!/\\u0000|\\ud[89a-f]|\u{10FFFF}/u.test(json)) return json;
  return json.replace(
    /\\(u0000|ud[89a-f][0-9a-f]{2}|.)|\u{10FFFF}/gu,
    (found, escaped?: string) => {
      if (found === MARK) return `${MARK}ffff`;
      return escaped && escaped.length > 1 ? `${MARK}${escaped.slice(1)}` : found;
    },
  );
}

function marked(unit: string): string {
  return `${MARK}${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
