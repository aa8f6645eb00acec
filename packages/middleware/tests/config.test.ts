import { expect, test } from 'vitest';
import * as z from 'zod/mini';
import { ConfigError, readConfig } from '../src/index.ts';

const schema = z.object({
  FILES_TABLE: z.string().check(z.minLength(1)),
  CACHE_MS: z._default(z.coerce.number().check(z.int(), z.gte(0)), 5000),
});

test('reads what the schema names, with defaults, and nothing else', () => {
  expect(readConfig(schema, { FILES_TABLE: 'files', CACHE_MS: '10', HOME: '/home/x' })).toEqual({
    FILES_TABLE: 'files',
    CACHE_MS: 10,
  });
  expect(readConfig(schema, { FILES_TABLE: 'files' }).CACHE_MS).toBe(5000);
});

test('names every missing or wrong variable at once, without its value', () => {
  const read = () => readConfig(schema, { CACHE_MS: 'hunter2' });
  expect(read).toThrow(ConfigError);
  expect(read).toThrow(/FILES_TABLE.*CACHE_MS/);
  expect(read).not.toThrow(/hunter2/);
});
