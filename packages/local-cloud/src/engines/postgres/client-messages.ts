/** A message of PostgreSQL's protocol as a client sends it; one at the start has no type. */
export interface ClientMessage {
  /** `Q`, `P`, `S`, …; `startup`, `ssl` (also GSSAPI) and `cancel` before a session begins. */
  readonly type: string;
  readonly bytes: Buffer;
}

/** https://www.postgresql.org/docs/18/protocol-message-formats.html */
const SSL_REQUEST = 80877103;
const GSS_REQUEST = 80877104;
const CANCEL_REQUEST = 80877102;

/** PostgreSQL's own limit of a message is 1 GiB; nothing local needs more than this. */
const LONGEST = 256 * 1024 * 1024;

/** Cuts what a client sends into messages. */
export interface MessageReader {
  /** @throws Error where the bytes are no message of the protocol */
  read(chunk: Buffer): ClientMessage[];
}

export function createMessageReader(): MessageReader {
  let chunks: Buffer[] = [];
  let waiting = 0;
  let needed = 4;
  let isStarted = false;

  function next(buffer: Buffer): { message: ClientMessage } | { needed: number } {
    const header = isStarted ? 5 : 8;
    if (buffer.length < header) return { needed: header };
    const length = buffer.readInt32BE(header === 5 ? 1 : 0) + (isStarted ? 1 : 0);
    if (length < header || length > LONGEST) throw new Error('This is not PostgreSQL’s protocol.');
    if (buffer.length < length) return { needed: length };
    const bytes = buffer.subarray(0, length);
    const type = isStarted ? String.fromCharCode(bytes[0] ?? 0) : startType(bytes.readInt32BE(4));
    if (type === 'startup') isStarted = true;
    return { message: { type, bytes } };
  }

  return {
    read(chunk) {
      chunks.push(chunk);
      waiting += chunk.length;
      // A long message comes in many chunks: they are joined once, not at each.
      if (waiting < needed) return [];
      let buffer = Buffer.concat(chunks);
      const messages: ClientMessage[] = [];
      for (;;) {
        const found = next(buffer);
        if ('needed' in found) {
          needed = found.needed;
          break;
        }
        messages.push(found.message);
        buffer = buffer.subarray(found.message.bytes.length);
      }
      chunks = [buffer];
      waiting = buffer.length;
      return messages;
    },
  };
}

function startType(code: number): string {
  if (code === SSL_REQUEST || code === GSS_REQUEST) return 'ssl';
  return code === CANCEL_REQUEST ? 'cancel' : 'startup';
}

/** An error that ends a connection, as PostgreSQL tells it. */
export function fatalError(code: string, message: string): Buffer {
  const fields = `SFATAL\0VFATAL\0C${code}\0M${message}\0\0`;
  return clientMessage('E', Buffer.from(fields));
}

export function clientMessage(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.write(type, 0, 'latin1');
  head.writeInt32BE(4 + body.length, 1);
  return Buffer.concat([head, body]);
}
