import type { Socket } from 'node:net';
import { type ClientMessage, createMessageReader, fatalError } from './client-messages.ts';
import { createStatementNames } from './statement-names.ts';
import type { Turns } from './turns.ts';

/** A transaction that stands idle this long while others wait is rolled back. */
export const IDLE_IN_TRANSACTION_MS = 30_000;

/** Messages that end what belongs together: the engine answers, and the turn may be another's. */
const ENDS_UNIT = new Set(['Q', 'S', 'F', 'startup']);

/**
 * Serves one client of the engine: cuts its bytes into units that run in one turn, and writes what
 * the engine answers. `idleMs` is as IDLE_IN_TRANSACTION_MS.
 */
export function serveConnection(
  socket: Socket,
  client: number,
  turns: Turns,
  idleMs = IDLE_IN_TRANSACTION_MS,
): void {
  const reader = createMessageReader();
  const names = createStatementNames(client);
  let unit: Buffer[] = [];
  let work = Promise.resolve();
  let isGone = false;
  let idle: NodeJS.Timeout | undefined;

  function end(code: string, message: string): void {
    socket.end(fatalError(code, message));
    leave();
  }

  function leave(): void {
    if (isGone) return;
    isGone = true;
    clearTimeout(idle);
    const closing = () => turns.leave(client, names.closeAll());
    // Also after work that the engine threw at: others wait for the turn. One that has died leaves
    // nothing to be put in order.
    work = work.then(closing, closing).catch(() => {});
  }

  function run(keepsTurn: boolean): void {
    const messages = Buffer.concat(unit);
    unit = [];
    work = work.then(async () => {
      if (isGone) return;
      clearTimeout(idle);
      await turns.run(client, messages, keepsTurn, (data) => socket.write(data));
      watchIdle();
    });
    work.catch(() => socket.destroy());
  }

  function watchIdle(): void {
    idle = setTimeout(() => {
      if (turns.holder() !== client) return;
      if (!turns.isAwaited()) watchIdle();
      else end('25P03', 'The transaction stood idle while other connections waited for it.');
    }, idleMs);
  }

  function take(message: ClientMessage): void {
    const { type } = message;
    if (type === 'ssl') socket.write('N');
    else if (type === 'cancel' || type === 'X') socket.end();
    else if (feedsCopy(message)) {
      end('0A000', 'The local PostgreSQL does not take COPY … FROM STDIN: use INSERT.');
    } else {
      unit.push(names.rename(message));
      // A Flush has the engine answer what it has so far, without giving the turn away.
      if (ENDS_UNIT.has(type) || type === 'H') run(type === 'H');
    }
  }

  socket.setNoDelay(true);
  socket.on('data', (chunk) => {
    try {
      for (const message of reader.read(chunk)) if (!isGone) take(message);
    } catch (error) {
      end('08P01', error instanceof Error ? error.message : String(error));
    }
  });
  socket.on('error', () => socket.destroy());
  socket.on('close', leave);
}

/** The engine cannot wait for a client's rows in the middle of a statement: it would end by it. */
function feedsCopy({ type, bytes }: ClientMessage): boolean {
  if (type !== 'Q' && type !== 'P') return false;
  return /(^|[;\0])\s*copy\s[^;]*\sfrom\s+stdin\b/i.test(bytes.subarray(5).toString('latin1'));
}
