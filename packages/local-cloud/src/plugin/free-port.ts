import { randomInt } from 'node:crypto';
import { connect, createServer } from 'node:net';

/**
 * Below the ranges from which systems hand out ports by themselves (Linux from 32768, macOS and
 * Windows from 49152): seconds pass until the port is listened on, and meanwhile no outgoing
 * connection, nor a server that asks for any port, may be given it.
 */
const RANGE = { from: 20_000, to: 32_768 };
const MAX_TRIES = 100;

/**
 * A port that was free a moment ago.
 *
 * @throws Error when none of a hundred is free
 */
export async function freePort(): Promise<number> {
  for (let tried = 0; tried < MAX_TRIES; tried += 1) {
    const port = randomInt(RANGE.from, RANGE.to);
    if (await isFree(port)) return port;
  }
  throw new Error(`None of ${MAX_TRIES} ports from ${RANGE.from} to ${RANGE.to - 1} was free.`);
}

/** The port, or another that is free where somebody has it: for what nobody is told the port of beforehand. */
export async function preferredPort(port: number): Promise<number> {
  return port === 0 || !(await isFree(port)) ? freePort() : port;
}

/** Whether a server could listen on the port now. */
export function isFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, host, () => server.close(() => resolve(true)));
  });
}

/** Whether something accepts connections on the port. */
export function isListening(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, host);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
