const LONGEST_LOCAL = 64;
/** An address in a sentence ends where other letters begin: `kim@example.com으로`. */
const ASCII = {
  local: /[A-Za-z0-9._%+'-]+$/,
  domain: /(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}/y,
};
/** Addresses in other letters (RFC 6531). */
const ANY = {
  local: /[\p{L}\p{M}\p{N}._%+'-]+$/u,
  domain: /(?:[\p{L}\p{M}\p{N}-]{1,63}\.){1,8}\p{L}{2,24}/uy,
};

/**
 * Replaces e-mail addresses by `[email]`. Looks only around each `@`.
 *
 * @param plain the text with its `@` and dots in ASCII, as long as the text.
 */
export function maskEmails(text: string, plain: string): string {
  let masked = '';
  let copied = 0;
  for (let at = plain.indexOf('@'); at >= 0; at = plain.indexOf('@', at + 1)) {
    const before = plain.slice(Math.max(copied, at - LONGEST_LOCAL), at);
    const found = around(before, plain, at, ASCII) ?? around(before, plain, at, ANY);
    if (!found) continue;
    masked += `${text.slice(copied, at - found.before)}[email]`;
    copied = found.end;
    at = found.end - 1;
  }
  return copied === 0 ? text : masked + text.slice(copied);
}

function around(before: string, plain: string, at: number, { local, domain }: typeof ASCII) {
  const name = local.exec(before);
  if (!name) return undefined;
  domain.lastIndex = at + 1;
  return domain.test(plain) ? { before: name[0].length, end: domain.lastIndex } : undefined;
}
