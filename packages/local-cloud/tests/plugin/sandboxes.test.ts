import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as threads from 'node:worker_threads';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { endSandboxesWithCallers } from '../../src/plugin/sandboxes.ts';

/** Leaves a line behind for each step of 20 ms, and answers after `steps` of them. */
const program = `
import { appendFileSync } from 'node:fs';
import { parentPort, threadId } from 'node:worker_threads';
parentPort.on('message', async ({ event, port }) => {
  for (let step = 1; step <= event.steps; step += 1) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    appendFileSync(event.file, step + '\\n');
  }
  port.postMessage({ threadId });
  port.close();
});
`;

let dir: string;
let file: string;
let server: Server;
let sandbox: threads.Worker;

/** As serverless-offline invokes its worker threads: one channel for each event. */
function run(event: unknown): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const { port1, port2 } = new threads.MessageChannel();
    port1.on('message', (value: unknown) => {
      port1.close();
      if (value instanceof Error) reject(value);
      else resolve(value);
    });
    sandbox.postMessage({ context: {}, event, port: port2 }, [port2]);
  });
}

beforeEach(async () => {
  endSandboxesWithCallers();
  dir = mkdtempSync(join(tmpdir(), 'millrace-sandboxes-'));
  file = join(dir, 'steps');
  const script = join(dir, 'workerThreadHelper.js');
  writeFileSync(join(dir, 'package.json'), '{"type": "module"}');
  writeFileSync(script, program);
  sandbox = new threads.Worker(script);
  server = createServer(async (incoming, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const event = JSON.parse(Buffer.concat(chunks).toString());
    response.end(JSON.stringify(await run(event).catch((error: Error) => error.message)));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(async () => {
  await sandbox.terminate();
  server.closeAllConnections();
  server.close();
  rmSync(dir, { recursive: true, force: true });
});

const url = (path = '/2015-03-31/functions/work/invocations') =>
  `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
const steps = () => (existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').length : 0);
const invoke = async (count: number) =>
  (await fetch(url(), { method: 'POST', body: JSON.stringify({ file, steps: count }) })).json();

async function invokeAndHangUp(path?: string): Promise<void> {
  const outgoing = request(url(path), { method: 'POST' });
  outgoing.on('error', () => {});
  outgoing.end(JSON.stringify({ file, steps: 200 }));
  await expect.poll(steps, { timeout: 10_000, interval: 5 }).toBeGreaterThan(2);
  outgoing.destroy();
}

it('a sandbox whose caller hung up does nothing more', async () => {
  await invokeAndHangUp();
  await sleep(100);
  const done = steps();
  expect(done).toBeLessThan(50);
  await sleep(200);
  expect(steps()).toBe(done);
});

it('the next invocation finds a new sandbox, those after it the same', async () => {
  const first = (await invoke(1)) as { threadId: number };
  expect(await invoke(1)).toEqual(first);
  await invokeAndHangUp();
  await sleep(100);
  const second = (await invoke(1)) as { threadId: number };
  expect(second.threadId).not.toBe(first.threadId);
  expect(await invoke(1)).toEqual(second);
});

it('a caller of anything else than a function may hang up without consequence', async () => {
  await invokeAndHangUp('/v1/files');
  const done = steps();
  await sleep(300);
  expect(steps()).toBeGreaterThan(done + 5);
});

it('other worker threads are what they were', async () => {
  const script = join(dir, 'other.mjs');
  writeFileSync(
    script,
    "import { parentPort } from 'node:worker_threads'; parentPort.postMessage(1);",
  );
  const worker = new threads.Worker(script);
  const [message] = await once(worker, 'message');
  expect([message, worker instanceof threads.Worker]).toEqual([1, true]);
});
