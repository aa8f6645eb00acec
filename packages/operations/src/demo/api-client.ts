import { setTimeout as sleep } from 'node:timers/promises';

/** An answer of the HTTP API: its status and its JSON, if it has any. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
  /** The body as it came: where numbers have more digits than a double holds. */
  readonly text: string;
}

export interface ApiClient {
  get(path: string): Promise<Answer>;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Answer>;
  patch(path: string, body: unknown): Promise<Answer>;
}

/** How long a request is repeated: longer than an interrupted one may hold its Idempotency-Key. */
const PATIENCE_MS = 60_000;

/**
 * A client that sends again what may be sent again: every request of the demo is idempotent, so a
 * service that restarts or throttles, or a request that died half-way, only delays it.
 */
export function createApiClient(apiUrl: string, token: string | undefined): ApiClient {
  const request = async (
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ) => {
    const deadline = performance.now() + PATIENCE_MS;
    for (let attempt = 1; ; attempt += 1) {
      const answer = await tryRequest(method, `${apiUrl}/v1${path}`, body, {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...headers,
      });
      const pause = pauseBeforeRetry(answer, attempt);
      if (pause === undefined || performance.now() + pause > deadline) {
        if (answer instanceof Error) throw answer;
        return answer;
      }
      await sleep(pause);
    }
  };
  return {
    get: (path) => request('GET', path),
    post: (path, body, headers) => request('POST', path, body, headers),
    patch: (path, body) => request('PATCH', path, body),
  };
}

/** Milliseconds to wait before the same request may succeed, or undefined where it never will. */
function pauseBeforeRetry(answer: Answer | Error, attempt: number): number | undefined {
  const backoff = Math.min(2000, 100 * 2 ** attempt) * (0.5 + Math.random() / 2);
  if (answer instanceof Error) return backoff;
  const told = Number(answer.headers.get('retry-after') ?? Number.NaN);
  // A conflict that names a time is a request with the same Idempotency-Key that is not done yet.
  if (answer.status === 409 && told > 0) return told * 1000;
  if (answer.status !== 429 && answer.status < 500) return undefined;
  return told > 0 ? told * 1000 : backoff;
}

async function tryRequest(
  method: string,
  url: string,
  body: unknown,
  headers: Record<string, string>,
) {
  try {
    const response = await fetch(url, {
      method,
      headers: body === undefined ? headers : { 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(35_000),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: parse(text),
      text,
    } satisfies Answer;
  } catch (cause) {
    return new Error(`${method} ${url} was not answered`, { cause });
  }
}

function parse(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    // A proxy's HTML error page: shown as it is where it is unexpected.
    return text;
  }
}
