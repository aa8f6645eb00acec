/** Of a URL that is none of a page: `javascript:`, `data:`, what no browser could open. */
export const INVALID_PAGE = '(invalid)';

const MOST_CHARACTERS = 512;

/**
 * What is kept of a page's address: the path, percent-encoded, without what could tell a person —
 * query, fragment, user name and password are dropped, an e-mail address in the path is masked.
 */
export function pageOf(url: URL | undefined): string {
  return url ? cut(withoutAddresses(url.pathname)) : INVALID_PAGE;
}

/** @param url as the event tells it; a path alone will do. Undefined where it is none of a page. */
export function pageUrl(url: string): URL | undefined {
  const parsed = URL.parse(url, `http://${NO_HOST}`);
  return parsed && /^https?:$/.test(parsed.protocol) ? parsed : undefined;
}

/** Reserved (RFC 2606): stands where the event told a path only. */
export const NO_HOST = 'page.invalid';

function withoutAddresses(path: string): string {
  if (!/@|%40/.test(path)) return path;
  return path
    .split('/')
    .map((segment) => {
      const at = segment.search(/@|%40/);
      return at > 0 && segment.indexOf('.', at) > at ? ':address' : segment;
    })
    .join('/');
}

/** Not within an escape, nor within a character that is several of them. */
function cut(path: string): string {
  if (path.length <= MOST_CHARACTERS) return path;
  let text = path.slice(0, MOST_CHARACTERS).replace(/%[0-9A-F]?$/i, '');
  for (let dropped = 0; dropped < 3 && endsWithin(text); dropped += 1) text = text.slice(0, -3);
  return text;
}

/** The last escapes, at most the four of a character, hold the beginning of one without its end. */
function endsWithin(text: string): boolean {
  const bytes = /(?:%[0-9A-F]{2}){1,4}$/i.exec(text)?.[0].match(/[0-9A-F]{2}/gi) ?? [];
  const values = bytes.map((byte) => Number.parseInt(byte, 16));
  const lead = values.findLastIndex((value) => value >= 0xc0);
  if (lead < 0) return false;
  const first = values[lead] ?? 0;
  const wanted = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  return values.length - lead < wanted;
}
