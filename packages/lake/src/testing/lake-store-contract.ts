import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import type { LakeStore } from '../ports.ts';

export interface StoreCase {
  readonly name: string;
  /** @param prefix of keys that nobody else uses, with a `/` at its end */
  holds(store: LakeStore, prefix: string): Promise<void>;
}

const bytes = (text: string) => new TextEncoder().encode(text);
const textOf = (content: Uint8Array | undefined) => content && new TextDecoder().decode(content);

async function eTagOf(store: LakeStore, key: string): Promise<string> {
  const object = await store.read(key);
  if (!object) throw new Error(`There is no ${key}.`);
  return object.eTag;
}

/** What tables of the lake rely on. Every store is held to it: the one in memory, and S3. */
export const LAKE_STORE_CONTRACT: readonly StoreCase[] = [
  {
    name: 'of many who create an object at once, one does',
    async holds(store, prefix) {
      const racers = Array.from({ length: 8 }, (_, n) =>
        store.swap(`${prefix}one`, bytes(String(n)), undefined),
      );
      const won = await Promise.all(racers);
      equal(won.filter((isWritten) => isWritten).length, 1);
      equal(textOf((await store.read(`${prefix}one`))?.bytes), String(won.indexOf(true)));
    },
  },
  {
    name: 'an object is swapped and removed only as it was seen',
    async holds(store, prefix) {
      const key = `${prefix}grows`;
      ok(await store.swap(key, bytes('a'), undefined));
      const seen = await store.read(key);
      ok(await store.swap(key, bytes('ab'), seen));
      equal(await store.swap(key, bytes('ac'), seen), false);
      equal(await store.removeIf(key, seen?.eTag ?? ''), false);
      equal(textOf((await store.read(key))?.bytes), 'ab');
      ok(await store.removeIf(key, await eTagOf(store, key)));
      equal(await store.read(key), undefined);
      equal(await store.removeIf(key, seen?.eTag ?? ''), false);
      equal(await store.swap(key, bytes('ad'), seen), false);
    },
  },
  {
    name: 'a list has all objects of the prefix in the order of their keys, with what was read',
    async holds(store, prefix) {
      const names = Array.from({ length: 25 }, (_, n) => `${prefix}l/${(n * 7) % 25}`);
      for (const key of names) await store.swap(key, bytes(key), undefined);
      await store.swap(`${prefix}m`, bytes('other'), undefined);
      const keys: string[] = [];
      for await (const { key, eTag, bytes: size } of store.list(`${prefix}l/`)) {
        keys.push(key);
        equal(size, key.length);
        equal(eTag, await eTagOf(store, key));
      }
      deepEqual(keys, names.sort());
    },
  },
  {
    name: 'an object that is written in pieces is there when it is finished, and is read in parts',
    async holds(store, prefix) {
      const key = `${prefix}pieces`;
      const writer = store.create(key);
      const piece = new Uint8Array(3 * 1024 * 1024).map((_, n) => n % 251);
      for (let n = 0; n < 4; n += 1) await writer.write(piece);
      equal(await store.read(key), undefined);
      await writer.finish();
      const whole = (await store.read(key))?.bytes;
      equal(whole?.length, 4 * piece.length);
      const at = piece.length - 5;
      deepEqual(
        [...(await store.readRange(key, at, at + 10))],
        [...piece.slice(-5), ...piece.slice(0, 5)],
      );
      await store.remove(key);
      await store.remove(key);
      await rejects(store.readRange(key, 0, 1));
    },
  },
  {
    name: 'an object that is given up while it is written never is there',
    async holds(store, prefix) {
      const writer = store.create(`${prefix}aborted`);
      for (let n = 0; n < 3; n += 1) await writer.write(new Uint8Array(4 * 1024 * 1024));
      await writer.abort();
      equal(await store.read(`${prefix}aborted`), undefined);
    },
  },
];
