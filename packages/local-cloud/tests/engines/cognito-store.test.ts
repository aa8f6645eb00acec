import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { CognitoStores } from '../../src/engines/cognito-store.ts';
import { temporaryState } from './engine-fixture.ts';

let folder: ReturnType<typeof temporaryState>;
let directory: string;
beforeEach(() => {
  folder = temporaryState();
  directory = join(folder.state.dir, 'cognito');
});
afterEach(() => folder.remove());

const open = (defaults = {}) => new CognitoStores(directory).create(undefined, 'pool', defaults);

it('keeps what was set, dates as dates', async () => {
  const first = await open({ Users: {}, Options: { Id: 'pool' } });
  const user = { Username: 'jane.doe', UserCreateDate: new Date(0), Enabled: true };
  await first.set(undefined, ['Users', 'jane.doe'], user);
  const second = await open({ Users: {}, Options: { Id: 'other' } });
  expect(await second.get(undefined, ['Users', 'jane.doe'])).toEqual(user);
  expect(await second.getRoot(undefined)).toEqual({
    Users: { 'jane.doe': user },
    Options: { Id: 'pool' },
  });
  await second.delete(undefined, ['Users', 'jane.doe']);
  expect(await (await open()).get(undefined, 'Users')).toEqual({});
});

it('hands out copies: what is changed without being set is not stored', async () => {
  const store = await open({ Users: { a: { tokens: ['1'] } } });
  const user = (await store.get(undefined, ['Users', 'a'])) as { tokens: string[] };
  user.tokens.push('2');
  expect(await store.get(undefined, ['Users', 'a'])).toEqual({ tokens: ['1'] });
});

it('answers the fallback, or null, for what is not there', async () => {
  const store = await open();
  expect(await store.get(undefined, ['Users', 'constructor'])).toBeNull();
  expect(await store.get(undefined, 'Users', {})).toEqual({});
});

it('leaves only whole documents in the folder', async () => {
  const store = await open();
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(fc.string({ minLength: 1 }), fc.constant('__proto__')),
      fc.jsonValue(),
      async (key, value) => {
        await store.set(undefined, ['Values', key], value);
        const stored = await (await open()).get(undefined, ['Values', key]);
        expect(stored).toEqual(JSON.parse(JSON.stringify(value)));
      },
    ),
  );
  expect(readdirSync(directory)).toEqual(['pool.json']);
});
