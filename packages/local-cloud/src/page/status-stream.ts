import type { IncomingMessage, ServerResponse } from 'node:http';

/** How often a page that is looked at gets the status, in milliseconds. */
const INTERVAL_MS = 1_000;

/** Who does not read is sent nothing more until it has read what it got. */
const MAX_UNREAD_BYTES = 1024 * 1024;

export interface StatusStream {
  /** Answers with server-sent events until the client goes away. */
  open(request: IncomingMessage, response: ServerResponse): void;
  close(): void;
}

/**
 * The status as server-sent events, once a second to everybody who listens. While nobody does, no
 * timer runs and no status is made.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export function createStatusStream(status: () => unknown): StatusStream {
  const listeners = new Set<ServerResponse>();
  let timer: NodeJS.Timeout | undefined;

  function tick(): void {
    try {
      const event = eventOf(status());
      for (const listener of listeners) {
        // HTTP/2 responses do not say what is unread.
        if ((listener.writableLength ?? 0) < MAX_UNREAD_BYTES) listener.write(event);
      }
    } catch {
      // Looking must not end the cloud: who asks again is answered, and the log told, by the edge.
      close();
    }
  }

  function close(): void {
    for (const listener of [...listeners]) {
      leave(listener);
      listener.end();
    }
  }

  function leave(response: ServerResponse): void {
    listeners.delete(response);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  }

  return {
    open(_request, response) {
      response.writeHead(200, {
        'content-type': 'text/event-stream',
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
      });
      response.on('close', () => leave(response));
      response.write(eventOf(status()));
      listeners.add(response);
      timer ??= setInterval(tick, INTERVAL_MS);
    },
    close,
  };
}

function eventOf(status: unknown): string {
  return `data: ${JSON.stringify(status)}\n\n`;
}
