/** What may stand before the first tag. Each alternative begins differently, so it stays linear. */
const PREAMBLE = /^(?:\s|<!--[\s\S]*?-->|<\?xml[^>]*>)*/;

const ROOT = /^<(?:!doctype html|html|head|body)[\s/>]/i;

/** WHATWG MIME Sniffing, "identifying a resource with an unknown MIME type". */
const FIRST_TAG = /^<(?:script|iframe|h1|div|font|table|a|style|title|meta|b|br|p)[\s/>]/i;

/** A document that says it is HTML. */
export function hasHtmlRoot(text: string): boolean {
  return ROOT.test(afterPreamble(text));
}

/** A fragment that browsers would take for HTML; Markdown may begin with one. */
export function beginsWithTag(text: string): boolean {
  return FIRST_TAG.test(afterPreamble(text));
}

function afterPreamble(text: string): string {
  return text.replace(/^\ufeff/, '').replace(PREAMBLE, '');
}
