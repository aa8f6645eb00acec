import type { EngineAnswer } from './engine-transport.ts';

const HEAD_END = Buffer.from('\r\n\r\n');
const MAX_HEAD_BYTES = 64 * 1024;

export interface AnswerReader {
  /**
   * Takes what came next on the connection; answers once it was the last of the answer.
   *
   * @throws Error when it is no HTTP/1.1 answer that tells its length, or is longer than it tells
   */
  add(chunk: Buffer): EngineAnswer | undefined;
}

type Head = Pick<EngineAnswer, 'status' | 'headers'>;

/** Reads one answer of HTTP/1.1 to a request by `method` (RFC 9112), however it is cut in pieces. */
export function createAnswerReader(method: string): AnswerReader {
  let head: Head | undefined;
  let chunks: Buffer[] = [];
  let size = 0;
  let length = 0;

  function readHead(): boolean {
    const received = chunks.length === 1 ? (chunks[0] ?? HEAD_END) : Buffer.concat(chunks, size);
    const end = received.indexOf(HEAD_END);
    if (end < 0 && size > MAX_HEAD_BYTES) throw new Error('the head of the answer has no end');
    if (end < 0) {
      chunks = [received];
      return false;
    }
    head = parseHead(received.toString('latin1', 0, end));
    length = bodyLength(method, head);
    const body = received.subarray(end + HEAD_END.length);
    chunks = [body];
    size = body.length;
    return true;
  }

  return {
    add(chunk) {
      chunks.push(chunk);
      size += chunk.length;
      if (!head && !readHead()) return undefined;
      if (size > length) throw new Error('the answer is longer than it tells');
      if (!head || size < length) return undefined;
      return { ...head, body: chunks.length === 1 ? (chunks[0] ?? chunk) : Buffer.concat(chunks) };
    },
  };
}

function parseHead(text: string): Head {
  const [first = '', ...lines] = text.split('\r\n');
  const status = Number(/^HTTP\/1\.1 ([2-5]\d\d)(?: |$)/.exec(first)?.[1]);
  if (Number.isNaN(status)) throw new Error(`no answer of HTTP/1.1 begins with "${first}"`);
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon < 1) throw new Error(`"${line}" is no header`);
    headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  return { status, headers };
}

/** RFC 9112, 6.3, without the answers that end with their connection or come in chunks. */
function bodyLength(method: string, { status, headers }: Head): number {
  if (method === 'HEAD' || status === 204 || status === 304) return 0;
  const told = headers['content-length'] ?? '';
  if (!/^\d+$/.test(told)) throw new Error('the answer does not tell its length');
  return Number(told);
}
