import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, it } from 'vitest';

async function run(...args: string[]) {
  const program = join(import.meta.dirname, '../../src/main.ts');
  const env = { ...process.env, NO_COLOR: '1', MILLRACE_EDGE_PORT: '1' };
  const child = spawn(process.execPath, [program, 'dead-letters', ...args], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const [code] = await once(child, 'close');
  return { code, stderr };
}

it.each([
  [[]],
  [['readings']],
  [['list', 'some-id']],
  [['show']],
  [['discard']],
  [['discard', '--yes']],
  [['list', '--service', 'orders']],
  [['list', '--kind', 'record']],
  [['redrive', '--rate', '0']],
  [['list', '--stage', 'a b']],
  [['redrive', '--unknown']],
])('ends with 2 and says how it is used when it is called like this: %s', async (args) => {
  const { code, stderr } = await run(...args);
  expect(code).toBe(2);
  expect(stderr).toMatch(/^millrace: .+ \[USAGE\]\nUsage: millrace dead-letters .+\n$/);
});

it('ends with 3 and one line when nothing answers', async () => {
  const { code, stderr } = await run('redrive', '--yes');
  expect(code).toBe(3);
  expect(stderr).toMatch(
    /^millrace: millrace-local-stream-analytics-dead-letters cannot be reached .+ \[DEAD_LETTERS_UNREACHABLE\]\n$/,
  );
});
