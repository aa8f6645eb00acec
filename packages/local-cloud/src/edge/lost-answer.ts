import type { ServerResponse } from 'node:http';
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

type Callback = (() => void) | undefined;

function vanish(response: ServerResponse, atEnd: () => void): void {
  const { writeHead, write, end } = response;
  const callbackOf = (args: unknown[]) => args.find((arg) => typeof arg === 'function') as Callback;
  response.writeHead = () => response;
  response.write = (...args: unknown[]) => {
    callbackOf(args)?.();
    return true;
  };
  response.end = (...args: unknown[]) => {
    Object.assign(response, { writeHead, write, end });
    atEnd();
    callbackOf(args)?.();
    return response;
  };
}
