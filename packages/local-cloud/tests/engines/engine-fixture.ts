import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CloudState, openState } from '../../src/state.ts';

/** A state folder of its own, removed by `remove`. */
export function temporaryState(): { state: CloudState; remove(): void } {
  const dir = mkdtempSync(join(tmpdir(), 'millrace-engine-'));
  const state = openState(dir);
  return {
    state,
    remove() {
      state.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** Serves an in-process engine on a free port. */
export async function serve(
  handle: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<{ url: string; close(): void }> {
  const server = createServer(handle).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  return {
    url: `http://127.0.0.1:${port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
