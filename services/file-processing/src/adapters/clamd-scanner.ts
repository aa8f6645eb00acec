import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { TransientError } from '@millrace/middleware';
import type { Scanner, ScanResult } from '../domain/validation/scanner.ts';

export interface ClamdOptions {
  /** `host:port`, `[::1]:3310`, or the path of a unix socket. */
  readonly address: string;
  /** clamd's `StreamMaxLength`, bytes. What is larger is not sent: clamd would cut the connection. */
  readonly maxBytes?: number;
  /** How long a connection may take, milliseconds. */
  readonly connectTimeout?: number;
  /** How long clamd may do nothing: longer than its `MaxScanTime` (120 s). Milliseconds. */
  readonly answerTimeout?: number;
}

/** The default of `StreamMaxLength` since ClamAV 1.0. */
const STREAM_MAX_LENGTH = 100 * 1024 ** 2;
/** No answer to INSTREAM or PING is longer than the name of a signature. */
const MAX_ANSWER_BYTES = 4096;

/**
 * Streams a file to ClamAV's daemon: `zINSTREAM`, then chunks with their length in front, then an
 * empty one (man page clamd(8)).
 */
export function clamdScanner({
  address,
  maxBytes = STREAM_MAX_LENGTH,
  connectTimeout = 5_000,
  answerTimeout = 150_000,
}: ClamdOptions): Scanner & { ping(): Promise<void> } {
  const timeouts = { connectTimeout, answerTimeout };
  return {
    async scan(upload) {
      if (upload.size > maxBytes) return { kind: 'unscannable', why: 'too_large' };
      return parseAnswer(await converse(address, timeouts, 'zINSTREAM\0', upload.read()));
    },
    /** @throws TransientError `scanner_unavailable` */
    async ping() {
      const answer = await converse(address, timeouts, 'zPING\0');
      if (answer !== 'PONG') throw unavailable();
    },
  };
}

async function converse(
  address: string,
  {
    connectTimeout,
    answerTimeout,
  }: Required<Pick<ClamdOptions, 'connectTimeout' | 'answerTimeout'>>,
  command: string,
  body?: AsyncIterable<Uint8Array>,
): Promise<string> {
  const socket = connect(endpointOf(address));
  const answer = readAnswer(socket);
  try {
    socket.setTimeout(connectTimeout);
    await Promise.race([once(socket, 'connect'), answer]);
    socket.setTimeout(answerTimeout);
    socket.write(command);
    if (body) await sendChunks(socket, body, answer);
    return await answer;
  } finally {
    socket.destroy();
  }
}

/** Stops as soon as there is an answer, or none to hope for: clamd refuses what is too long early. */
async function sendChunks(
  socket: Socket,
  body: AsyncIterable<Uint8Array>,
  answer: Promise<string>,
) {
  let isOver = false;
  const end = () => {
    isOver = true;
  };
  const over = answer.then(end, end);
  for await (const chunk of body) {
    // An empty chunk would be the end of the stream.
    if (chunk.byteLength === 0) continue;
    socket.cork();
    socket.write(lengthOf(chunk.byteLength));
    const hasRoom = socket.write(chunk);
    socket.uncork();
    if (!hasRoom) await Promise.race([drained(socket), over]);
    if (isOver) return;
  }
  socket.write(lengthOf(0));
}

function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      socket.off('drain', done).off('close', done);
      resolve();
    };
    socket.on('drain', done).on('close', done);
  });
}

function lengthOf(bytes: number): Uint8Array {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes);
  return length;
}

/** The answer to a `z` command ends with a NUL; whatever ends without one was cut off. */
function readAnswer(socket: Socket): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let text = '';
  socket.setEncoding('utf8');
  socket.on('data', (part: string) => {
    text += part;
    const end = text.indexOf('\0');
    if (end >= 0) resolve(text.slice(0, end).trim());
    else if (text.length > MAX_ANSWER_BYTES) reject(unavailable());
  });
  socket.on('timeout', () => reject(unavailable()));
  socket.on('error', (cause) => reject(unavailable(cause)));
  socket.on('close', () => reject(unavailable()));
  // Whoever sends meets the failure when it next looks; until then it is not unhandled.
  promise.catch(() => undefined);
  return promise;
}

function parseAnswer(answer: string): ScanResult {
  if (answer === 'stream: OK') return { kind: 'clean' };
  const found = /^stream: (.{1,1000}) FOUND$/.exec(answer)?.[1];
  if (found !== undefined) return heuristic(found) ?? { kind: 'infected', name: found };
  if (answer.startsWith('INSTREAM size limit exceeded')) {
    return { kind: 'unscannable', why: 'too_large' };
  }
  throw unavailable();
}

/**
 * With `AlertEncrypted` and `AlertExceedsMax` clamd reports what it could not look into as found:
 * that is no malware, but not clean either.
 */
function heuristic(name: string): ScanResult | undefined {
  if (name.startsWith('Heuristics.Encrypted.')) return { kind: 'unscannable', why: 'encrypted' };
  if (name.startsWith('Heuristics.Limits.Exceeded')) {
    return { kind: 'unscannable', why: 'too_large' };
  }
  return undefined;
}

function endpointOf(address: string) {
  if (address.startsWith('/')) return { path: address };
  const { hostname, port } = new URL(`tcp://${address}`);
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 3310) };
}

function unavailable(cause?: Error): TransientError {
  return new TransientError(
    'scanner_unavailable',
    'clamd cannot be reached, was cut off, or gave no answer that can be understood.',
    cause && { cause },
  );
}
