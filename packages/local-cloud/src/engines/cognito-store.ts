import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

type Key = string | string[];
type Branch = { [key: string]: unknown };

/** cognito-local's port to its storage: one document per user pool and one for the clients. */
export interface CognitoStore {
  get(context: unknown, key: Key, fallback?: unknown): Promise<unknown>;
  getRoot(context: unknown): Promise<unknown>;
  set(context: unknown, key: Key, value: unknown): Promise<void>;
  delete(context: unknown, key: Key): Promise<void>;
}

/**
 * Documents as `<directory>/<id>.json`, each write a whole new file renamed into place: a reader,
 * and a restart after `kill -9`, sees the old document or the new one, never half of one. (The
 * store that cognito-local brings rewrites the file where it stands.)
 *
 * Values go in and out as copies: nobody can change a document without saving it.
 */
export class CognitoStores {
  readonly directory: string;

  constructor(directory: string) {
    mkdirSync(directory, { recursive: true });
    this.directory = directory;
  }

  /** Opens the document, or begins it with `defaults`. */
  async create(_context: unknown, id: string, defaults: object): Promise<CognitoStore> {
    const file = join(this.directory, `${id}.json`);
    const root: Branch = { ...structuredClone(defaults), ...readDocument(file) };
    const save = () => writeDocument(file, root);
    save();
    return {
      getRoot: async () => structuredClone(root),
      get: async (_, key, fallback) => structuredClone(lookUp(root, path(key)) ?? fallback ?? null),
      async set(_, key, value) {
        const { parent, last } = branchOf(root, path(key));
        define(parent, last, structuredClone(value));
        save();
      },
      async delete(_, key) {
        const { parent, last } = branchOf(root, path(key));
        delete parent[last];
        save();
      },
    };
  }
}

function path(key: Key): string[] {
  return Array.isArray(key) ? key : [key];
}

function lookUp(root: Branch, keys: string[]): unknown {
  let value: unknown = root;
  for (const key of keys) {
    if (!isBranch(value) || !Object.hasOwn(value, key)) return undefined;
    value = value[key];
  }
  return value;
}

function branchOf(root: Branch, keys: string[]): { parent: Branch; last: string } {
  let parent = root;
  for (const key of keys.slice(0, -1)) {
    const next = Object.hasOwn(parent, key) ? parent[key] : undefined;
    const branch = isBranch(next) ? next : {};
    define(parent, key, branch);
    parent = branch;
  }
  return { parent, last: keys.at(-1) ?? '' };
}

/** Names come from outside: `__proto__` must be a key like any other. */
function define(branch: Branch, key: string, value: unknown): void {
  const data = { enumerable: true, configurable: true, writable: true };
  Object.defineProperty(branch, key, { value, ...data });
}

function isBranch(value: unknown): value is Branch {
  return typeof value === 'object' && value !== null;
}

function readDocument(file: string): Branch {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
  return JSON.parse(text, reviveDates) as Branch;
}

function writeDocument(file: string, root: Branch): void {
  // Not ending in .json: cognito-local takes every .json file of the folder for a user pool.
  const temporary = `${file}.new`;
  writeFileSync(temporary, JSON.stringify(root), { mode: 0o600 });
  renameSync(temporary, file);
}

/** cognito-local calls dates `…Date` and works with them as such. */
function reviveDates(key: string, value: unknown): unknown {
  return key.endsWith('Date') && typeof value === 'string' ? new Date(value) : value;
}
