import { isIP, isIPv4 } from 'node:net';

/** What of a person gets into the lake. */
export interface Privacy {
  /** An address of a client, cut to its network where persons are not to be told apart. */
  address(text: string): string | null;
  /** As `address`, but addresses of private networks stay whole: they are of machines. */
  machineAddress(text: string): string | null;
  /** Any text with addresses in it, e.g. the list of `X-Forwarded-For`. */
  addresses(text: string): string | null;
  /** A user's name, null where persons are not to be told apart. */
  user(text: string): string | null;
}

/** Everything as it is in the log. */
export const asLogged: Privacy = {
  address: (text) => text,
  machineAddress: (text) => text,
  addresses: (text) => text,
  user: (text) => text,
};

/** IPv4 to 24 bits, IPv6 to 48; names of hosts and users are left out. */
export const anonymous: Privacy = {
  address: network,
  machineAddress: (text) => (isPrivate(text) ? text : network(text)),
  addresses: (text) => text.replace(/[^\s,;"'=[\]]+/g, (word) => networkOfWord(word)),
  user: () => null,
};

/** An address may carry a port. */
function networkOfWord(word: string): string {
  if (word.length <= MAX_ADDRESS && isIP(word) !== 0) return network(word) ?? word;
  const colon = word.lastIndexOf(':');
  const host = word.slice(0, colon);
  return colon > 0 && host.length <= MAX_ADDRESS && isIPv4(host)
    ? `${network(host)}${word.slice(colon)}`
    : word;
}

/** `INET6_ADDRSTRLEN` and a zone of 16 letters. */
const MAX_ADDRESS = 62;

/** @returns null for what is no address: the name of a host may be that of its user */
function network(text: string): string | null {
  if (text.length > MAX_ADDRESS) return null;
  switch (isIP(text)) {
    case 4:
      return `${text.slice(0, text.lastIndexOf('.'))}.0`;
    case 6:
      return networkOfIPv6(text);
    default:
      return null;
  }
}

function networkOfIPv6(text: string): string {
  // IPv4 in IPv6's clothes.
  if (text.includes('.')) return `${text.slice(0, text.lastIndexOf('.'))}.0`;
  const [address = ''] = text.split('%');
  const [head = '', tail] = address.split('::');
  const before = head.split(':').filter((group) => group !== '');
  const after = (tail ?? '').split(':').filter((group) => group !== '');
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0');
  return `${[...before, ...zeros, ...after].slice(0, 3).join(':')}::`;
}

/** RFC 1918, 6598 (carriers' and VPCs'), 3927, 4193, 4291 (link-local, loopback). */
const PRIVATE =
  /^(?:10\.|127\.|192\.168\.|169\.254\.|172\.(?:1[6-9]|2\d|3[01])\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|f[cd][0-9a-f]{2}:|fe[89ab][0-9a-f]:|::1$)/i;

const isPrivate = (text: string): boolean => isIP(text) !== 0 && PRIVATE.test(text);

const MASK = '***';

/** Parts of names whose values are secrets or tell who somebody is, compared without `-`, `_` and case. */
const SECRET_PARTS =
  /token|passw|passphrase|secret|signature|apikey|accesskey|privatekey|credential|session|authorization|cookie|email|phone/;
const SECRET_NAMES = new Set(
  'key pwd pass pin otp sig sid jwt auth code hmac mail ssn userid username'.split(' '),
);

export function isSecretName(name: string): boolean {
  const plain = name.toLowerCase().replace(/[-_.]/g, '');
  return SECRET_NAMES.has(plain) || SECRET_PARTS.test(plain);
}

/** A query without the values of parameters that are named like secrets. */
export const maskQuery = (query: string): string => maskAssignments(query, '&;#');

/** A message likewise, where a value ends with its word. */
export const maskText = (text: string): string => maskAssignments(text, '&;#,"\'<>) \t\n');

/** A URL likewise, and without what comes before the host: a user and a password. */
export function maskUrl(url: string): string {
  const open = url.includes('@') ? url.replace(/^(\w+:\/\/)[^/?#@]*@/, `$1${MASK}@`) : url;
  const query = open.search(/[?#]/);
  return query === -1 ? open : open.slice(0, query + 1) + maskQuery(open.slice(query + 1));
}

/** Longer names are none that anybody gave to a secret. */
const MAX_NAME = 64;

/** By hand: a regular expression for this takes time that grows with the square of the text. */
function maskAssignments(text: string, ends: string): string {
  let masked = '';
  let done = 0;
  for (let at = text.indexOf('='); at !== -1; at = text.indexOf('=', Math.max(at + 1, done))) {
    let from = at;
    while (from > done && at - from < MAX_NAME && !isBorder(text, from - 1, ends)) from -= 1;
    if (!isSecretName(decoded(text.slice(from, at)))) continue;
    let to = at + 1;
    while (to < text.length && !ends.includes(text.charAt(to))) to += 1;
    masked += text.slice(done, at + 1) + MASK;
    done = to;
  }
  return masked + text.slice(done);
}

const isBorder = (text: string, at: number, ends: string): boolean => {
  const character = text.charAt(at);
  return character === '=' || character === '?' || ends.includes(character);
};

/** For JSON.stringify: values of members that are named like secrets. */
export const maskMember = (name: string, value: unknown): unknown =>
  isSecretName(name) && value !== null && typeof value !== 'object' ? MASK : value;

/** @returns the text itself where it is not well encoded */
export function decoded(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    // Not UTF-8, or a bare %: as it was logged.
    return text;
  }
}
