import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockState } from '../../src/state-lock.ts';
import { temporaryState } from './fixture-stack.ts';

const root = join(import.meta.dirname, '..', '..', '..', '..');
const run = promisify(execFile);

let state: ReturnType<typeof temporaryState>;

beforeEach(() => {
  state = temporaryState();
});

afterEach(() => state.remove());

/** Runs a program with the test's own state folder; resolves however it ends. */
async function ends(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const outcome = await run(process.execPath, args, {
    cwd: root,
    env: { ...process.env, MILLRACE_STATE_DIR: state.folder, ...env },
  }).then(
    (output) => ({ code: 0, ...output }),
    (error: { code: number; stdout: string; stderr: string }) => error,
  );
  return { code: outcome.code, stdout: outcome.stdout, errors: outcome.stderr.trim().split('\n') };
}

const start = join(root, 'scripts', 'start.ts');
const reset = join(root, 'scripts', 'reset.ts');

describe('npm start', () => {
  it('ends with one line and an exit code when a port is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((listening) => server.once('listening', listening));
    const address = server.address();
    const port = String(typeof address === 'object' && address ? address.port : 0);
    const { code, errors } = await ends([start], { MILLRACE_EDGE_PORT: port });
    server.close();
    expect(code).toBe(1);
    expect(errors).toEqual([
      expect.stringMatching(new RegExp(`^millrace: Port ${port} .*\\[PORT_TAKEN\\]$`)),
    ]);
  });

  it('ends with one line when the state folder cannot be written', async () => {
    const file = join(state.folder, 'a-file');
    writeFileSync(file, '');
    const { code, errors } = await ends([start], { MILLRACE_STATE_DIR: join(file, 'state') });
    expect(code).toBe(1);
    expect(errors).toEqual([expect.stringMatching(/^millrace: .*\[STATE_UNWRITABLE\]$/)]);
  });

  it('ends with one line when a port offset is no number', async () => {
    const { code, errors } = await ends([start], { MILLRACE_PORT_OFFSET: 'many' });
    expect(code).toBe(1);
    expect(errors).toEqual([expect.stringMatching(/^millrace: .*\[PORT_INVALID\]$/)]);
  });
});

describe('npm run reset', () => {
  it('removes the state', async () => {
    lockState(state.folder)();
    const { code } = await ends([reset]);
    expect(code).toBe(0);
    expect(existsSync(state.folder)).toBe(false);
  });

  it('refuses while a local cloud runs on the state', async () => {
    const release = lockState(state.folder);
    const { code, errors } = await ends([reset]);
    release();
    expect(code).toBe(1);
    expect(errors).toEqual([expect.stringMatching(/\[STATE_IN_USE\]$/)]);
    expect(existsSync(state.folder)).toBe(true);
  });

  it('refuses a folder that the local cloud did not make', async () => {
    mkdirSync(join(state.folder, 'photographs'));
    const { code, errors } = await ends([reset]);
    expect(code).toBe(1);
    expect(errors).toEqual([expect.stringMatching(/\[STATE_FOREIGN\]$/)]);
    expect(existsSync(join(state.folder, 'photographs'))).toBe(true);
  });
});

describe('bootstrap', () => {
  it('names the verbs when one is unknown', async () => {
    const { code, errors } = await ends([join(root, 'scripts', 'bootstrap.mjs'), 'fly']);
    expect(code).toBe(1);
    expect(errors).toEqual([
      expect.stringMatching(/"fly": choose from .*start.*\[VERB_UNKNOWN\]$/),
    ]);
  });

  it('says in one line that the registry cannot be reached', async () => {
    const clone = join(state.folder, 'clone');
    mkdirSync(join(clone, 'scripts'), { recursive: true });
    writeFileSync(join(clone, 'package.json'), '{"packageManager":"pnpm@10.34.9"}');
    writeFileSync(join(clone, 'pnpm-lock.yaml'), '');
    const install = join(root, 'scripts', 'bootstrap-install.mjs');
    const program = `import { ensureInstalled } from ${JSON.stringify(install)};
      await ensureInstalled(${JSON.stringify(clone)}).catch((error) => console.log(error.code));`;
    const { stdout } = await ends(['--input-type=module', '--eval', program], {
      npm_config_registry: 'http://127.0.0.1:9/',
      npm_config_cache: join(state.folder, 'cache'),
      npm_config_fetch_retries: '0',
    });
    expect(stdout.trim()).toBe('REGISTRY_UNREACHABLE');
    expect(existsSync(join(clone, 'node_modules', '.millrace-installed'))).toBe(false);
  });
});
