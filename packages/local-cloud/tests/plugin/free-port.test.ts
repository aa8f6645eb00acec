import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';

const { randomInt } = vi.hoisted(() => ({
  randomInt: vi.fn<(from: number, to: number) => number>(),
}));
vi.mock('node:crypto', () => ({ randomInt }));
const { freePort, preferredPort } = await import('../../src/plugin/free-port.ts');

afterEach(() => {
  randomInt.mockReset();
});

test('chooses below the ports that the system gives away while nobody listens yet', async () => {
  randomInt.mockImplementation((_, to) => to - 1);
  expect(await freePort().catch(() => 0)).toBeLessThan(32_768);
  expect(randomInt).toHaveBeenCalledWith(20_000, 32_768);
});

test('passes over a port on which somebody listens', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const taken = typeof address === 'object' && address !== null ? address.port : 0;
  // One that nobody has: a server that has just been closed had it.
  const closed = createServer().listen(0, '127.0.0.1');
  await once(closed, 'listening');
  const other = closed.address();
  const free = typeof other === 'object' && other !== null ? other.port : 0;
  await new Promise((resolve) => closed.close(resolve));

  randomInt.mockReturnValueOnce(taken).mockReturnValueOnce(free);
  expect(await freePort()).toBe(free);
  server.close();
});

test('gives up where every port is taken', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  randomInt.mockReturnValue(typeof address === 'object' && address !== null ? address.port : 0);
  await expect(freePort()).rejects.toThrow('was free');
  server.close();
});

test('prefers a port, and takes another where somebody listens on that', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const wanted = typeof address === 'object' && address !== null ? address.port : 0;
  randomInt.mockImplementation((from) => from);
  expect(await preferredPort(wanted)).toBe(20_000);
  await new Promise((resolve) => server.close(resolve));
  expect(await preferredPort(wanted)).toBe(wanted);
});
