import { readdirSync, readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { stripTypeScriptTypes } from 'node:module';
import { extname, join } from 'node:path';
import { createStatusStream } from './status-stream.ts';

const FOLDER = join(import.meta.dirname, 'browser');

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  // Browsers run what is left when the types are gone.
  '.ts': 'text/javascript; charset=utf-8',
};

/** Nothing from elsewhere, nothing inline, in no frame. */
const HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-cache',
};

export interface Page {
  /** Answers what is the page's: `/_millrace/` with its files and the stream; else false. */
  handle(request: IncomingMessage, response: ServerResponse): boolean;
  close(): void;
}

/** The live page of the local cloud: static files, and the status as a stream. */
export function createPage(status: () => unknown): Page {
  const stream = createStatusStream(status);
  const files = new Set(readdirSync(FOLDER).filter((name) => MEDIA_TYPES[extname(name)]));
  const loaded = new Map<string, string>();

  function load(name: string): string {
    const known = loaded.get(name);
    if (known !== undefined) return known;
    const source = readFileSync(join(FOLDER, name), 'utf8');
    const content = name.endsWith('.ts') ? stripTypeScriptTypes(source) : source;
    loaded.set(name, content);
    return content;
  }

  function send(response: ServerResponse, name: string): void {
    const body = load(name);
    response.writeHead(200, {
      ...HEADERS,
      'content-type': MEDIA_TYPES[extname(name)],
      'content-length': Buffer.byteLength(body),
    });
    response.end(body);
  }

  return {
    handle(request, response) {
      if (request.method !== 'GET') return false;
      const [path = ''] = (request.url ?? '').split('?');
      const file = path.startsWith('/_millrace/page/') ? path.slice('/_millrace/page/'.length) : '';
      if (path === '/_millrace') response.writeHead(308, { location: '/_millrace/' }).end();
      else if (path === '/_millrace/') send(response, 'index.html');
      else if (files.has(file)) send(response, file);
      else if (path === '/_millrace/status/stream') stream.open(request, response);
      else return false;
      return true;
    },
    close: stream.close,
  };
}
