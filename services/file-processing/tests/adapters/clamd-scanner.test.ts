import { describe, expect, it } from 'vitest';
import { clamdScanner } from '../../src/adapters/clamd-scanner.ts';
import type { Upload } from '../../src/domain/processor.ts';
import { memoryUpload } from '../model/bench.ts';
import { type Clamd, clamdThat, EICAR, startClamd } from '../model/clamd.ts';

/** `CLAMD_ADDRESS=host:port`: a ClamAV of yours, with `StreamMaxLength 4M` and a signature of EICAR. */
const realAddress = process.env.CLAMD_ADDRESS;
const ofTests = () => startClamd();
const real = async (): Promise<Clamd> => ({
  ...{ address: realAddress ?? '', received: [] },
  [Symbol.asyncDispose]: async () => undefined,
});

const unavailable = expect.objectContaining({
  name: 'TransientError',
  code: 'scanner_unavailable',
});

describe.each([
  { of: 'a server of the tests', start: ofTests, isThere: true },
  { of: 'ClamAV itself', start: real, isThere: realAddress !== undefined },
])('clamd, $of', ({ start, isThere }) => {
  it.runIf(isThere)('passes what is clean and names what is not', async () => {
    await using clamd = await start();
    const scanner = clamdScanner({ address: clamd.address });
    await scanner.ping();
    expect(await scanner.scan(memoryUpload(Buffer.from('clean')))).toEqual({ kind: 'clean' });
    expect(await scanner.scan(memoryUpload(EICAR))).toEqual({
      kind: 'infected',
      name: expect.stringMatching(/^Eicar-Test-Signature/),
    });
  });

  it.runIf(isThere)('finds what lies across chunks of any size', async () => {
    await using clamd = await start();
    const scanner = clamdScanner({ address: clamd.address });
    for (const chunkBytes of [1, 7, 67, 68, 69]) {
      const upload = memoryUpload(EICAR, { chunkBytes });
      expect(await scanner.scan(upload)).toMatchObject({ kind: 'infected' });
    }
  });

  it.runIf(isThere)('sends nothing of a file above the limit', async () => {
    await using clamd = await start();
    const scanner = clamdScanner({ address: clamd.address, maxBytes: 10 });
    const result = await scanner.scan(neverRead(11));
    expect(result).toEqual({ kind: 'unscannable', why: 'too_large' });
  });

  it.runIf(isThere)('is told by clamd where the limit is lower, or is cut off', async () => {
    await using clamd = await start();
    const scanner = clamdScanner({ address: clamd.address });
    const tooLarge = memoryUpload(Buffer.alloc(12 * 1024 ** 2));
    const result = await scanner.scan(tooLarge).catch((error: unknown) => error);
    expect([{ kind: 'unscannable', why: 'too_large' }, unavailable]).toContainEqual(result);
  });
});

it('sends the bytes as they are, empty chunks left out', async () => {
  await using clamd = await startClamd();
  const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, at) => at % 251));
  const upload: Upload = {
    ...memoryUpload(bytes),
    async *read() {
      yield Buffer.alloc(0);
      yield bytes.subarray(0, 100_000);
      yield Buffer.alloc(0);
      yield bytes.subarray(100_000);
    },
  };
  await clamdScanner({ address: clamd.address }).scan(upload);
  expect(clamd.received[0]?.equals(bytes)).toBe(true);
});

it('waits for a slow clamd instead of buffering the file', async () => {
  await using clamd = await clamdThat((socket) => socket.pause());
  let read = 0;
  const chunk = Buffer.alloc(64 * 1024);
  const upload: Upload = {
    ...memoryUpload(chunk),
    async *read() {
      for (; read < 2000; read += 1) yield chunk;
    },
  };
  const scanner = clamdScanner({ address: clamd.address, answerTimeout: 300 });
  await expect(scanner.scan(upload)).rejects.toEqual(unavailable);
  // What the two sockets' buffers of the kernel hold, and no more.
  expect(read).toBeLessThan(400);
});

it.each([
  ['stream: Heuristics.Encrypted.Zip FOUND\0', 'encrypted'],
  ['stream: Heuristics.Limits.Exceeded.MaxFileSize FOUND\0', 'too_large'],
  ['INSTREAM size limit exceeded. ERROR\0', 'too_large'],
])('does not take for malware what clamd could not look into: %j', async (answer, why) => {
  await using clamd = await clamdThat((socket) => socket.once('data', () => socket.write(answer)));
  const result = await clamdScanner({ address: clamd.address }).scan(memoryUpload(EICAR));
  expect(result).toEqual({ kind: 'unscannable', why });
});

it.each([
  ['garbage', 'HTTP/1.1 400 Bad Request\r\n\r\n\0'],
  ['a failure of its own', 'stream: Can not allocate memory ERROR\0'],
  ['an answer without its end', 'stream: OK'],
  ['nothing', ''],
  ['an answer without an end', 'stream: O'.padEnd(100_000, 'O')],
  ['two results in one', 'stream: OK FOUND OK\0'],
])('takes %s for no answer', async (_, answer) => {
  await using clamd = await clamdThat((socket) => socket.once('data', () => socket.end(answer)));
  await expect(clamdScanner({ address: clamd.address }).scan(memoryUpload(EICAR))).rejects.toEqual(
    unavailable,
  );
});

it('fails so that it is tried again: nobody there, cut off, silent', async () => {
  const gone = await startClamd();
  await gone[Symbol.asyncDispose]();
  const cutting = await clamdThat((socket) => socket.once('data', () => socket.resetAndDestroy()));
  const silent = await clamdThat((socket) => socket.resume());
  for (const { address } of [gone, cutting, silent, { address: '/nowhere/clamd.sock' }]) {
    const scanner = clamdScanner({ address, answerTimeout: 200 });
    await expect(scanner.scan(memoryUpload(Buffer.alloc(1e6)))).rejects.toEqual(unavailable);
    await expect(scanner.ping()).rejects.toEqual(unavailable);
  }
  await cutting[Symbol.asyncDispose]();
  await silent[Symbol.asyncDispose]();
});

it('passes on why the file could not be read', async () => {
  await using clamd = await startClamd();
  const lost = new Error('replaced');
  const upload = { ...memoryUpload(EICAR), read: () => failing(lost) };
  await expect(clamdScanner({ address: clamd.address }).scan(upload)).rejects.toBe(lost);
});

async function* failing(error: Error): AsyncIterable<Uint8Array> {
  yield EICAR;
  throw error;
}

function neverRead(size: number): Upload {
  const read = () => failing(new Error('read'));
  return { ...memoryUpload(EICAR), size, read };
}
