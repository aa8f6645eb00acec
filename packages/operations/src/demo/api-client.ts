import { setTimeout as sleep } from 'node:timers/promises';

/** An answer of the HTTP API: its status and its JSON, if it has any. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

export interface ApiClient {
  get(path: string): Promise<Answer>;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Answer>;
}

const ATTEMPTS = 8;

/**
 * A client that sends again what may be sent again: every request of the demo is idempotent, so a
 * service that restarts or throttles only delays it.
 */
export function createApiClient(apiUrl: string, token: string | undefined): ApiClient {
  const request = async (
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ) => {
    for (let attempt = 1; ; attempt += 1) {
      const answer = await tryRequest(method, `${apiUrl}/v1${path}`, body, {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...headers,
      });
      const passing = answer instanceof Error || answer.status === 429 || answer.status >= 500;
      if (!passing) return answer;
      if (attempt === ATTEMPTS) {
        if (answer instanceof Error) throw answer;
        return answer;
      }
      await sleep(Math.min(2000, 100 * 2 ** attempt) * (0.5 + Math.random() / 2));
    }
  };
  return {
    get: (path) => request('GET', path),
    post: (path, body, headers) => request('POST', path, body, headers),
  };
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
