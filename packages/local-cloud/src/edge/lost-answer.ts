import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Http2ServerResponse } from 'node:http2';

/**
 * Lets an answer vanish: whoever writes to `response` believes that it was sent, and at its end, when
 * everything that it tells of has happened, `answer` may write another in its place.
 */
export function answerInstead(response: ServerResponse, answer: () => void): void {
  vanish(response, () => {
    for (const name of response.getHeaderNames()) response.removeHeader(name);
    answer();
  });
}

/** Lets an answer vanish and breaks the connection where it would have ended. */
export function cutInstead(response: ServerResponse, told: () => void): void {
  vanish(response, () => {
    told();
    // In HTTP/2 the stream is the request's; the connection carries others, which are not meant.
    const { stream } = response as unknown as Partial<Http2ServerResponse>;
    (stream ?? response).destroy();
  });
}

/** Lets `rewrite` change the text of an answer before it is sent. */
export function rewriteAnswer(response: ServerResponse, rewrite: (text: string) => string): void {
  const chunks: Buffer[] = [];
  let head: { status: number; headers: OutgoingHttpHeaders } | undefined;
  const keep = (chunk: unknown, encoding: unknown) => {
    if (typeof chunk === 'string') chunks.push(Buffer.from(chunk, encodingOf(encoding)));
    else if (chunk instanceof Uint8Array) chunks.push(Buffer.from(chunk));
  };
  vanish(
    response,
    () => {
      const body = Buffer.from(rewrite(Buffer.concat(chunks).toString('utf8')));
      for (const name of OF_THE_BODY) response.removeHeader(name);
      const told = Object.entries(head?.headers ?? {}).filter(
        ([name]) => !OF_THE_BODY.includes(name.toLowerCase()),
      );
      const headers = { ...Object.fromEntries(told), 'content-length': String(body.length) };
      response.writeHead(head?.status ?? response.statusCode, headers);
      response.end(body);
    },
    {
      keep,
      head: (status, headers) => {
        head = { status, headers };
      },
    },
  );
}

/** Headers that are true of the body as it was. */
const OF_THE_BODY = ['content-length', 'transfer-encoding', 'x-amz-crc32'];

function encodingOf(encoding: unknown): BufferEncoding {
  return typeof encoding === 'string' && Buffer.isEncoding(encoding) ? encoding : 'utf8';
}

type Callback = (() => void) | undefined;

function vanish(
  response: ServerResponse,
  atEnd: () => void,
  listener: {
    keep?(chunk: unknown, encoding: unknown): void;
    head?(status: number, headers: OutgoingHttpHeaders): void;
  } = {},
): void {
  const { writeHead, write, end } = response;
  const callbackOf = (args: unknown[]) => args.find((arg) => typeof arg === 'function') as Callback;
  response.writeHead = (status: number, ...more: unknown[]) => {
    const headers = more.find((one) => typeof one === 'object' && one !== null) ?? {};
    listener.head?.(status, headers as OutgoingHttpHeaders);
    return response;
  };
  response.write = (...args: unknown[]) => {
    listener.keep?.(args[0], args[1]);
    callbackOf(args)?.();
    return true;
  };
  response.end = (...args: unknown[]) => {
    listener.keep?.(args[0], args[1]);
    Object.assign(response, { writeHead, write, end });
    atEnd();
    callbackOf(args)?.();
    return response;
  };
}
