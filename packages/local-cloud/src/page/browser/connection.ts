import type { CloudStatus } from '../status.ts';

/** Longer than the server ever is silent, in milliseconds. */
const SILENCE_MS = 4_000;
const RETRY_MS = 1_000;

export interface ConnectionListener {
  status(status: CloudStatus): void;
  /** Nothing has come for this long; called again while it lasts. */
  lost(forMs: number): void;
}

/**
 * Listens to the cloud while somebody looks at the page: a hidden tab costs the cloud nothing. What
 * breaks is opened again, also when a server dies without a word.
 */
export function openConnection(listener: ConnectionListener): void {
  let source: EventSource | undefined;
  let heardAt = Date.now();
  let triedAt = 0;

  function connect(): void {
    source?.close();
    triedAt = Date.now();
    source = new EventSource('status/stream');
    source.onmessage = ({ data }) => {
      heardAt = Date.now();
      listener.status(JSON.parse(data) as CloudStatus);
    };
  }

  function watch(): void {
    if (document.hidden) return;
    const now = Date.now();
    const isClosed = source?.readyState !== EventSource.OPEN;
    const isSilent = now - heardAt > SILENCE_MS;
    if (isClosed || isSilent) listener.lost(now - heardAt);
    if (isClosed ? now - triedAt >= RETRY_MS : isSilent && now - triedAt > SILENCE_MS) connect();
  }

  document.addEventListener('visibilitychange', () => {
    if (document.hidden) {
      source?.close();
    } else {
      heardAt = Date.now();
      connect();
    }
  });
  setInterval(watch, RETRY_MS);
  if (!document.hidden) connect();
}
