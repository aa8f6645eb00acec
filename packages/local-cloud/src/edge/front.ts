import type { IncomingMessage, ServerResponse } from 'node:http';

type Handle = (request: IncomingMessage, response: ServerResponse) => void;

/** Holds requests that come while the cloud starts, and passes them on once it is open. */
export function createFront(): { readonly handle: Handle; open(handle: Handle): void } {
  const opened = Promise.withResolvers<Handle>();
  let current: Handle = (request, response) => {
    void opened.promise.then((handle) => handle(request, response));
  };
  return {
    handle: (request, response) => current(request, response),
    open(handle) {
      current = handle;
      opened.resolve(handle);
    },
  };
}
