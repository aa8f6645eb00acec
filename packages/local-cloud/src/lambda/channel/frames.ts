/** Two lengths of four bytes each (big endian), then the head and the body they are of. */
const LENGTHS_BYTES = 8;

/** Head and body as they are sent; the body stays text that nobody on the way has to parse. */
export function encodeFrame(head: object, body: string): Buffer {
  const headText = JSON.stringify(head);
  const headBytes = Buffer.byteLength(headText);
  const bodyBytes = Buffer.byteLength(body);
  const frame = Buffer.allocUnsafe(LENGTHS_BYTES + headBytes + bodyBytes);
  frame.writeUInt32BE(headBytes, 0);
  frame.writeUInt32BE(bodyBytes, 4);
  frame.write(headText, LENGTHS_BYTES);
  frame.write(body, LENGTHS_BYTES + headBytes);
  return frame;
}

/** Takes what comes over a connection, in whatever pieces, and hands on whole frames. */
export function createFrameReader<Head>(
  onFrame: (head: Head, body: string) => void,
): (chunk: Buffer) => void {
  let pieces: Buffer[] = [];
  let received = 0;
  let needed = LENGTHS_BYTES;

  return (chunk) => {
    pieces.push(chunk);
    received += chunk.length;
    // Put together only when it is enough: a frame of megabytes comes in many pieces.
    while (received >= needed) {
      const [first = chunk] = pieces;
      const all = pieces.length === 1 ? first : Buffer.concat(pieces);
      pieces = [all];
      const headEnd = LENGTHS_BYTES + all.readUInt32BE(0);
      const end = headEnd + all.readUInt32BE(4);
      if (received < end) {
        needed = end;
        return;
      }
      pieces = received > end ? [all.subarray(end)] : [];
      received -= end;
      needed = LENGTHS_BYTES;
      onFrame(
        JSON.parse(all.toString('utf8', LENGTHS_BYTES, headEnd)) as Head,
        all.toString('utf8', headEnd, end),
      );
    }
  };
}
