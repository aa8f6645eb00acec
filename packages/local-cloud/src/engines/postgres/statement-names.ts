import { type ClientMessage, clientMessage } from './client-messages.ts';

/**
 * Prepared statements belong to a connection, but the engine has one session for all: each client's
 * names get a prefix, and are closed when it goes. The unnamed one stays as it is: who uses it
 * prepares it in the same turn.
 */
export function createStatementNames(client: number) {
  const prefix = Buffer.from(`c${client}.`);
  const prepared = new Set<string>();
  const own = (name: Buffer) => (name.length === 0 ? name : Buffer.concat([prefix, name]));
  return {
    /** The message with the client's own names. */
    rename({ type, bytes }: ClientMessage): Buffer {
      const body = bytes.subarray(5);
      if (type === 'P') {
        const [name, rest] = untilZero(body);
        if (name.length === 0) return bytes;
        prepared.add(name.toString('latin1'));
        return clientMessage(type, Buffer.concat([own(name), rest]));
      }
      if (type === 'B') {
        const [portal, rest] = untilZero(body);
        const [name, after] = untilZero(rest.subarray(1));
        if (name.length === 0) return bytes;
        return clientMessage(type, Buffer.concat([portal, ZERO, own(name), after]));
      }
      if ((type === 'D' || type === 'C') && body[0] === STATEMENT) {
        const [name, rest] = untilZero(body.subarray(1));
        if (name.length === 0) return bytes;
        if (type === 'C') prepared.delete(name.toString('latin1'));
        return clientMessage(type, Buffer.concat([body.subarray(0, 1), own(name), rest]));
      }
      return bytes;
    },
    /** Messages that close what the client has prepared; empty where that is nothing. */
    closeAll(): Buffer {
      const names = [...prepared].map((name) => own(Buffer.from(name, 'latin1')));
      prepared.clear();
      if (names.length === 0) return Buffer.alloc(0);
      const closes = names.map((name) =>
        clientMessage('C', Buffer.concat([Buffer.from('S'), name, ZERO])),
      );
      return Buffer.concat([...closes, clientMessage('S', Buffer.alloc(0))]);
    },
  };
}

const ZERO = Buffer.from([0]);
const STATEMENT = 'S'.charCodeAt(0);

/** What stands before the first zero byte, and the rest from that byte on. */
function untilZero(bytes: Buffer): [Buffer, Buffer] {
  const end = bytes.indexOf(0);
  return end < 0 ? [bytes, ZERO] : [bytes.subarray(0, end), bytes.subarray(end)];
}
