import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import {
  type AsyncInvocationsRunner,
  createAsyncInvocations,
} from '../../src/lambda/async-invocations.ts';
import { createFunctionRegistry } from '../../src/lambda/function-registry.ts';
import type { InvokeResult } from '../../src/ports.ts';
import { type CloudState, openState } from '../../src/state.ts';
import { functionDefinition } from '../triggers/rig.ts';
import { createVirtualClock, type VirtualClock } from '../triggers/virtual-clock.ts';

const success: InvokeResult = { kind: 'success', payload: null, requestId: 'r' };
const registry = createFunctionRegistry();
registry.define('test', [functionDefinition('work')]);
registry.setEndpoint('test', 'http://127.0.0.1:1');

let dir: string;
let state: CloudState;
let clock: VirtualClock;
let queue: AsyncInvocationsRunner;
/** Ends the oldest invocation of the function that does not keep up. */
let slow: (() => void)[];
let entered: string[];

function start(): AsyncInvocationsRunner {
  const invoker = {
    invoke: () =>
      new Promise<InvokeResult>((resolve) => {
        slow.push(() => resolve(success));
      }),
  };
  const sink = { send: () => Promise.reject(new Error('nothing is sent')) };
  return createAsyncInvocations({ state, clock, registry, invoker, sink });
}

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'millrace-backlog-'));
  state = openState(dir);
  clock = createVirtualClock();
  slow = [];
  entered = [];
  queue = start();
});
afterEach(async () => {
  const stopped = queue.stop();
  await clock.advance(5_000);
  await stopped;
  state.close();
  rmSync(dir, { recursive: true });
});

function enqueue(events: number): void {
  state.transaction(() => {
    for (let nth = 0; nth < events; nth += 1) queue.enqueue('work', '{}');
  });
}

const enter = (name: string) => void queue.room('work').then(() => entered.push(name));

async function finish(events: number): Promise<void> {
  for (let done = 0; done < events; done += 1) {
    slow.shift()?.();
    await clock.advance(0);
  }
}

it('has room for more at once while few events wait', async () => {
  enqueue(504);
  enter('a');
  await clock.advance(0);
  expect(entered).toEqual(['a']);
});

it('lets one come for each that begins, in turn, and other functions unhindered', async () => {
  enqueue(505);
  for (const name of ['a', 'b', 'c']) enter(name);
  void queue.room('other').then(() => entered.push('other'));
  await clock.advance(0);
  expect(entered).toEqual(['other']);
  await finish(2);
  expect(entered).toEqual(['other', 'a', 'b']);
});

it('lets all come when half of the backlog is gone', async () => {
  enqueue(505);
  await clock.advance(0);
  for (let nth = 0; nth < 300; nth += 1) enter(String(nth));
  await finish(250);
  expect(entered).toHaveLength(250);
  await finish(1);
  expect(entered).toHaveLength(300);
});

it('lets nobody wait for more than twenty seconds', async () => {
  enqueue(505);
  enter('a');
  await clock.advance(19_999);
  expect(entered).toEqual([]);
  await clock.advance(1);
  expect(entered).toEqual(['a']);
});

it('counts what was waiting when the process was killed', async () => {
  enqueue(600);
  const killed = queue;
  queue = start();
  enter('a');
  await clock.advance(0);
  expect(entered).toEqual([]);
  const stopped = killed.stop();
  await clock.advance(5_000);
  await stopped;
});
