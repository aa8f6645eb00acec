import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const neededMegabytes = 1024;

/** A problem that the person at the terminal can mend; the message is one line. */
export class StartError extends Error {
  /**
   * @param {string} code
   * @param {string} message
   */
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

/**
 * Installs the dependencies unless the last installation was of the same lockfile.
 *
 * @param {string} root
 */
export async function ensureInstalled(root) {
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'pnpm-lock.yaml')))
    .digest('hex');
  const stamp = join(root, 'node_modules/.millrace-installed');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  checkWritable(root);
  checkSpace(root);
  process.stderr.write('Installing the pinned tools and libraries (once per lockfile)\n');
  await install(root);
  mkdirSync(join(root, 'node_modules'), { recursive: true });
  writeFileSync(stamp, wanted);
}

/** @param {string} root */
function checkWritable(root) {
  const probe = join(root, '.millrace-writable');
  try {
    writeFileSync(probe, '');
    rmSync(probe);
  } catch (error) {
    throw new StartError(
      'FOLDER_UNWRITABLE',
      `The folder ${root} cannot be written (${error.code ?? error.message}): mend its permissions, or clone into a folder of yours.`,
    );
  }
}

/** @param {string} root */
function checkSpace(root) {
  const { bavail, bsize } = statfsSync(root);
  const megabytes = Math.floor((bavail * bsize) / 1024 / 1024);
  if (megabytes >= neededMegabytes) return;
  throw new StartError(
    'DISK_FULL',
    `Only ${megabytes} MB are free for ${root}: the installation needs ${neededMegabytes} MB.`,
  );
}

/** @param {string} root */
async function install(root) {
  const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const command = process.platform === 'win32' ? 'npx.cmd' : 'npx';
  const child = spawn(command, ['--yes', packageManager, 'install', '--frozen-lockfile'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    // Without CI=1 pnpm may want to ask something, and nobody could answer. A verb that was called
    // with `npm --silent` would make npx silent too, and a failure could not be told.
    env: { ...process.env, CI: '1', npm_config_loglevel: 'warn' },
    shell: process.platform === 'win32',
  });
  const stop = (signal) => child.kill(signal);
  process.once('SIGINT', stop).once('SIGTERM', stop);
  const lines = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      if (line.startsWith('Progress:')) process.stderr.write(`  ${line}\n`);
    });
  }
  const result = await new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(code ?? signal));
  });
  process.off('SIGINT', stop).off('SIGTERM', stop);
  if (result !== 0) throw installFailure(lines.join('\n'), result);
}

const reasons = [
  [
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ERR_SOCKET_TIMEOUT/,
    'REGISTRY_UNREACHABLE',
    'the package registry cannot be reached: check the network (or "npm config get registry") and start again',
  ],
  [/ENOSPC/, 'DISK_FULL', 'the disk is full: free 1 GB and start again'],
  [
    /EACCES|EPERM|EROFS/,
    'FOLDER_UNWRITABLE',
    'a file cannot be written: mend the permissions of this folder and of the npm cache',
  ],
  [
    /ERR_PNPM_OUTDATED_LOCKFILE/,
    'LOCKFILE_OUTDATED',
    'pnpm-lock.yaml does not match the package.json files: run "npx pnpm install" and commit the lockfile',
  ],
];

/**
 * @param {string} output
 * @param {number | string} result
 */
function installFailure(output, result) {
  const known = reasons.find(([pattern]) => pattern.test(output));
  if (known) return new StartError(known[1], `Installing failed: ${known[2]}.`);
  const told = output.split('\n').find((line) => /ERR_|npm error|Error/.test(line)) ?? '';
  return new StartError(
    'INSTALL_FAILED',
    `Installing failed (${result})${told ? `: ${told.trim()}` : ''}. Run "npx pnpm install" to see all of it.`,
  );
}
