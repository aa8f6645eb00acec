import { afterEach, beforeEach, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { createFunctionRegistry } from '../../src/lambda/function-registry.ts';
import { createInvoker, type Invoker } from '../../src/lambda/invoker.ts';
import { type FunctionHost, startFunctionHost } from '../triggers/function-host.ts';
import { FUNCTION, functionDefinition } from '../triggers/rig.ts';
import { createVirtualClock } from '../triggers/virtual-clock.ts';

let host: FunctionHost;
let invoker: Invoker;
const registry = createFunctionRegistry();

beforeEach(async () => {
  host = await startFunctionHost();
  registry.define('test', [functionDefinition()]);
  registry.setEndpoint('test', `${host.lambdaUrl}/`);
  invoker = createInvoker({ registry, clock: systemClock });
});
afterEach(async () => {
  invoker.close();
  await host.close();
});

const invoke = (payload: unknown = {}) => invoker.invoke(FUNCTION, JSON.stringify(payload));

it('answers what the function returned', async () => {
  host.on(FUNCTION, (event: { name: string }) => ({ greeting: `안녕 ${event.name}` }));
  expect(await invoke({ name: 'A' })).toMatchObject({
    kind: 'success',
    payload: { greeting: '안녕 A' },
  });
});

it('answers null for a function that returns nothing', async () => {
  host.on(FUNCTION, () => undefined);
  expect(await invoke()).toMatchObject({ kind: 'success', payload: null });
});

it('reports an error that the function threw', async () => {
  host.on(FUNCTION, () => {
    throw new Error('poison');
  });
  expect(await invoke()).toMatchObject({
    kind: 'function-error',
    timedOut: false,
    payload: { errorMessage: 'poison', errorType: 'Error' },
  });
});

it('recognises the timeout that the host tells', async () => {
  host.on(FUNCTION, () => {
    throw Object.assign(new Error('Task timed out'), { name: 'Sandbox.Timedout' });
  });
  expect(await invoke()).toMatchObject({
    kind: 'function-error',
    timedOut: true,
    payload: { errorType: 'Sandbox.Timedout' },
  });
});

it('gives up a function that does not end at its timeout', async () => {
  const clock = createVirtualClock();
  const patient = createInvoker({ registry, clock });
  const started = Promise.withResolvers<void>();
  host.on(FUNCTION, () => {
    started.resolve();
    return new Promise(() => undefined);
  });
  const result = patient.invoke(FUNCTION, '{}');
  await started.promise;
  await clock.advance(15_000);
  expect(await result).toMatchObject({ kind: 'function-error', timedOut: true });
  patient.close();
});

it('calls a function unavailable that is not declared, has no endpoint or is not served', async () => {
  expect(await invoker.invoke('unknown', '{}')).toEqual({ kind: 'unavailable' });
  expect(await invoke()).toEqual({ kind: 'unavailable' });
  registry.clearEndpoint('test');
  expect(await invoke()).toEqual({ kind: 'unavailable' });
});

it('refuses an event that is larger than 6 MB, as Lambda does', async () => {
  host.on(FUNCTION, () => 'never');
  expect(await invoke({ text: 'x'.repeat(6 * 1024 * 1024) })).toMatchObject({
    kind: 'function-error',
    payload: { errorType: 'RequestTooLargeException' },
  });
  expect(host.events(FUNCTION)).toEqual([]);
});

it('carries large events and answers whole, many at a time', async () => {
  host.on(FUNCTION, (event: { text: string }) => event.text.split('').reverse().join(''));
  const texts = ['', '한', 'é'.repeat(70_000), `${'가'.repeat(1_000_000)}나`, '\n\u0000"'];
  const results = await Promise.all(texts.map((text) => invoke({ text })));
  expect(results.map((result) => result.kind === 'success' && result.payload)).toEqual(
    texts.map((text) => text.split('').reverse().join('')),
  );
});

it('finds a service again that was started again, at its new address', async () => {
  host.on(FUNCTION, () => 'before');
  await invoke();
  await host.close();
  host = await startFunctionHost();
  registry.setEndpoint('test', host.lambdaUrl);
  host.on(FUNCTION, () => 'after');
  expect(await invoke()).toMatchObject({ kind: 'success', payload: 'after' });
});

it('calls a function unavailable when the connection is refused', async () => {
  registry.setEndpoint('test', 'tcp://127.0.0.1:1');
  expect(await invoke()).toEqual({ kind: 'unavailable' });
});

it('calls a function unavailable when its service dies under the invocation', async () => {
  host.on(FUNCTION, () => {
    host.kill();
    return new Promise(() => undefined);
  });
  expect(await invoke()).toEqual({ kind: 'unavailable' });
});

it('throttles beyond the reserved concurrency', async () => {
  registry.define('test', [functionDefinition(FUNCTION, { reservedConcurrency: 1 })]);
  const gate = Promise.withResolvers<void>();
  host.on(FUNCTION, () => gate.promise);
  const first = invoke();
  expect(await invoke()).toEqual({ kind: 'throttled' });
  gate.resolve();
  expect(await first).toMatchObject({ kind: 'success' });
  expect(await invoke()).toMatchObject({ kind: 'success' });
});

it('lets invocations beyond the cap of the laptop wait for their turn', async () => {
  invoker.close();
  invoker = createInvoker({ registry, clock: systemClock, maxConcurrencyPerFunction: 2 });
  let running = 0;
  let most = 0;
  host.on(FUNCTION, async () => {
    running += 1;
    most = Math.max(most, running);
    await new Promise((resolve) => setTimeout(resolve, 5));
    running -= 1;
  });
  const results = await Promise.all(Array.from({ length: 9 }, () => invoke()));
  expect(results.every((result) => result.kind === 'success')).toBe(true);
  expect(most).toBe(2);
});
