import { registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';

const MARK = 'function';

/**
 * Every function has its service's own modules to itself, as its bundle has: they are imported under
 * a mark that their relative imports inherit. What lies outside of `folder` is shared.
 */
export function separateModulesBelow(
  folder: string,
): (file: string, key: string) => Promise<unknown> {
  const root = `${pathToFileURL(folder)}/`;
  registerHooks({
    resolve(specifier, context, next) {
      const resolved = next(specifier, context);
      const mark = context.parentURL && new URL(context.parentURL).searchParams.get(MARK);
      if (!mark || !resolved.url.startsWith(root)) return resolved;
      return { ...resolved, url: `${resolved.url}?${MARK}=${encodeURIComponent(mark)}` };
    },
  });
  return (file, key) => import(`${pathToFileURL(file)}?${MARK}=${encodeURIComponent(key)}`);
}
