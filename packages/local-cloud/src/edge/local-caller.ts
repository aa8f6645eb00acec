import type { IncomingHttpHeaders } from 'node:http';

const LOOPBACK = /^(localhost|[\w-]+\.localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/**
 * Whether a request was meant for this machine by a program or a page of this machine. The cloud
 * listens on the loopback interface only, but a web page from anywhere runs in a browser here: it
 * may send requests across origins, or have its own name resolved to 127.0.0.1 (DNS rebinding). Both
 * show in what the browser adds by itself.
 */
export function isLocalCaller(headers: IncomingHttpHeaders): boolean {
  const host = headers.host ?? String(headers[':authority'] ?? '');
  if (!isLoopback(`http://${host}`)) return false;
  const { origin } = headers;
  return origin === undefined || isLoopback(origin);
}

function isLoopback(url: string): boolean {
  return URL.canParse(url) && LOOPBACK.test(new URL(url).hostname);
}
