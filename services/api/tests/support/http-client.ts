export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The JSON body's member at a path, e.g. `at('upload', 'url')`. */
  at(...path: readonly (string | number)[]): unknown;
}

export type Caller = (
  method: string,
  path: string,
  options?: { readonly body?: unknown; readonly headers?: Record<string, string> },
) => Promise<Answer>;

/** Sends requests with a bearer token; a text body is sent as it is. */
export function callerWith(apiUrl: string, token?: string): Caller {
  return async (method, path, { body, headers = {} } = {}) => {
    const response = await fetch(`${apiUrl}${path}`, {
      method,
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      text,
      at: (...keys) =>
        keys.reduce<unknown>(
          (value, key) => (value as Record<string | number, unknown> | undefined)?.[key],
          JSON.parse(text),
        ),
    };
  };
}
