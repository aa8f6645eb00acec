import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

export type Handler = (event: unknown, context: object, callback: Callback) => unknown;
export type Callback = (error?: unknown, result?: unknown) => void;

/** In the order in which Lambda's own runtime looks; Node reads TypeScript by itself. */
const EXTENSIONS = ['.js', '.mjs', '.cjs', '.ts', ''];

/**
 * The function that `handler` names: `src/read.handler` is the export `handler` of `src/read.*`.
 * https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html
 *
 * @throws Error named `Runtime.ImportModuleError`, `Runtime.HandlerNotFound`, or what the module throws
 */
export async function loadHandler(folder: string, handler: string): Promise<Handler> {
  const [, path = '', name = ''] = /^(.*?[^/.]*)\.([^/]*)$/.exec(handler) ?? [];
  const file = EXTENSIONS.map((extension) => resolve(folder, path + extension)).find(existsSync);
  if (path === '' || file === undefined) {
    throw named('Runtime.ImportModuleError', `Cannot find module '${path || handler}'`);
  }
  const module = (await import(pathToFileURL(file).href)) as Record<string, unknown>;
  const found = member(module, name) ?? member(module.default, name);
  if (typeof found !== 'function') {
    throw named('Runtime.HandlerNotFound', `${handler} is undefined or not exported`);
  }
  return found as Handler;
}

/** `a.b` names the member `b` of the export `a`. */
function member(object: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce((value, name) => (value as Record<string, unknown> | undefined)?.[name], object);
}

function named(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}
