/** `npm run reset`: forgets the local state. Refuses while a local cloud runs on it. */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { LocalCloudError } from '@millrace/local-cloud/errors';
import { lockState } from '@millrace/local-cloud/state-lock';
import { errorLine } from './terminal.ts';

/** @throws LocalCloudError STATE_IN_USE, STATE_FOREIGN */
function reset(folder: string): void {
  if (!existsSync(folder)) {
    console.log(`Nothing to forget: ${folder} does not exist.`);
    return;
  }
  const entries = readdirSync(folder);
  // MILLRACE_STATE_DIR may name any folder: only one that the local cloud made is removed.
  if (entries.length > 0 && !entries.includes('lock.db')) {
    throw new LocalCloudError(
      'STATE_FOREIGN',
      `${folder} was not made by the local cloud: look at MILLRACE_STATE_DIR, and remove the folder yourself if it may go.`,
    );
  }
  lockState(folder)();
  rmSync(folder, { recursive: true });
  console.log(`Forgotten: ${folder}`);
}

try {
  // It takes none: whoever asks for --help must not lose the state.
  parseArgs({ options: {} });
  reset(resolve(process.env.MILLRACE_STATE_DIR ?? join(import.meta.dirname, '..', '.local')));
} catch (error) {
  console.error(errorLine(error));
  process.exitCode = 1;
}
