import { gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Processed } from '../../../src/domain/processor.ts';
import { logProcessor } from '../../../src/domain/processors/log/processor.ts';
import { memoryBench, memoryUpload } from '../../model/bench.ts';
import { parquetRows } from '../../model/parquet-rows.ts';
import { ALB, CLOUDFRONT, COMBINED, JSON_LINES, VPC_FLOW } from './lines.ts';

async function processed(
  content: string | Uint8Array,
  { format = 'combined', chunkBytes = 64 * 1024, options = {} } = {},
) {
  const work = memoryBench();
  const mediaType = `text/x-log;format=${format}`;
  const upload = memoryUpload(Buffer.from(content), { mediaType, chunkBytes });
  const result = await logProcessor(options).process(upload, work.bench);
  return { ...work, result };
}

function factsOf(result: Processed) {
  if (result.kind !== 'processed' || !result.facts.log) throw new Error(JSON.stringify(result));
  return result.facts.log;
}

const objects = (bytes: Uint8Array | undefined) =>
  Buffer.from(bytes ?? '')
    .toString()
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));

describe('a log', () => {
  it('becomes rows, counts, a sample of errors, and what nobody knows', async () => {
    const content = [...COMBINED, 'what is this?', '', ...COMBINED].join('\n');
    const { result, collected, artefacts } = await processed(content);
    expect(factsOf(result)).toEqual({
      ...{ format: 'combined', lines: 9, unknownLines: 1, errorLines: 6 },
      ...{ from: '2000-10-10T20:55:36.000Z', to: '2026-11-24T08:00:00.000Z' },
      byStatus: { 200: 2, 400: 2, 404: 2, 503: 2 },
      topPaths: [
        { path: '/a "b"', lines: 2 },
        { path: '/apache_pb.gif', lines: 2 },
        { path: '/search', lines: 2 },
      ],
    });
    expect(result).toMatchObject({
      renditions: [{ name: 'errors' }, { name: 'unknown' }, { name: 'rows' }],
    });
    expect(objects(artefacts.get('unknown.ndjson'))).toEqual([{ line: 5, text: 'what is this?' }]);
    const errors = objects(artefacts.get('errors.ndjson'));
    expect(errors.map(({ line }) => line)).toEqual([2, 3, 4, 8, 9, 10]);
    expect(errors[0]).toMatchObject({ status: 404, path: '/search', client: '203.0.113.0' });
    const { rows, columns } = await parquetRows(collected.get('logs-combined'));
    expect(rows).toHaveLength(8);
    const column = columns.findIndex(({ name }) => name === 'query');
    expect(rows.map((row) => row[column])[1]).toBe('q=%EA%B2%B0%EC%A0%9C&access_token=***');
  });

  it('has no address, user or secret of a person in anything but unknown lines', async () => {
    const { result, artefacts, collected } = await processed(COMBINED.join('\n'));
    const rows = await parquetRows(collected.get('logs-combined'));
    const text = JSON.stringify(
      [result, rows, artefacts.get('errors.ndjson')?.toString()],
      (_, value) => (typeof value === 'bigint' ? Number(value) : value),
    );
    expect(text).not.toMatch(/203\.0\.113\.9|198\.51\.100\.77|frank|Ann Lee|s3cret/);
  });

  it('has addresses and users where the service is told to keep them', async () => {
    const options = { anonymise: false };
    const { collected } = await processed(COMBINED.join('\n'), { options });
    const { rows } = await parquetRows(collected.get('logs-combined'));
    expect(rows[0]).toEqual(expect.arrayContaining(['203.0.113.9', 'frank']));
  });

  it.each([
    ['alb', ALB, 2, { 200: 1, 502: 1 }],
    ['cloudfront', CLOUDFRONT, 2, { 0: 1, 200: 1 }],
    ['vpc-flow', VPC_FLOW, 4, { ACCEPT: 1, NODATA: 1, REJECT: 1, SKIPDATA: 1 }],
    ['json-lines', JSON_LINES, 3, { 404: 1, error: 1, info: 1 }],
  ])('of the form %s is counted', async (format, lines, count, byStatus) => {
    const { result, collected } = await processed(lines.join('\r\n'), { format });
    expect(factsOf(result)).toMatchObject({ format, lines: count, unknownLines: 0, byStatus });
    const { rows } = await parquetRows(collected.get(`logs-${format}`));
    expect(rows).toHaveLength(count);
  });

  it.each([
    ['gzip', gzipSync],
    ['zstd', zstdCompressSync],
  ] as const)('may be compressed with %s', async (compression, compress) => {
    const { result, percents } = await processed(compress(COMBINED.join('\n')), { chunkBytes: 50 });
    expect(factsOf(result)).toMatchObject({ compression, lines: 4 });
    expect(percents.at(-1)).toBe(100);
    expect(percents).toEqual(percents.toSorted((a, b) => a - b));
  });

  it('loses no line: each is a row or unknown, with its number and its bytes', async () => {
    const garbage = fc
      .uint8Array({ minLength: 1, maxLength: 60 })
      .map((bytes) => Buffer.from(bytes).toString('latin1').replace(/\n/g, ' '))
      // What is left of it must not be blank.
      .map((text) => `x${text}x`);
    const line = fc.oneof(fc.constantFrom(...COMBINED), garbage, fc.constant(''));
    await fc.assert(
      fc.asyncProperty(
        fc.array(line),
        fc.integer({ min: 1, max: 300 }),
        async (all, chunkBytes) => {
          const [entry = ''] = COMBINED;
          const file = [entry, ...all];
          const content = Buffer.from(file.join('\n'), 'latin1');
          const { result, artefacts } = await processed(content, { chunkBytes });
          const expected = file
            .map((text, index) => ({ line: index + 1, text }))
            .filter(({ text }) => text !== '' && !COMBINED.includes(text));
          const unknown = objects(artefacts.get('unknown.ndjson')).map(
            ({ line, text, base64 }) => ({
              line,
              text: Buffer.from(text ?? base64, text === undefined ? 'base64' : 'utf8').toString(
                'latin1',
              ),
            }),
          );
          expect(unknown).toEqual(expected);
          const { lines, unknownLines, byStatus } = factsOf(result);
          const entries = Object.values(byStatus).reduce((sum, count) => sum + count, 0);
          expect(unknownLines).toBe(expected.length);
          expect(lines).toBe(entries + unknownLines);
          expect(lines).toBe(file.filter((text) => text !== '').length);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('gives the same bytes in every attempt, however it arrives', async () => {
    const content = Array.from({ length: 2000 }, (_, index) =>
      index % 7 === 0 ? `garbage ${index}` : (COMBINED[index % COMBINED.length] ?? ''),
    ).join('\n');
    const [first, second] = [
      await processed(content, { chunkBytes: 1000 }),
      await processed(content, { chunkBytes: 77_777 }),
    ];
    expect(second.result).toEqual(first.result);
    expect(second.artefacts).toEqual(first.artefacts);
    expect(second.collected).toEqual(first.collected);
  });

  it('keeps the start of an endless line as unknown, and how much is missing', async () => {
    const [entry = ''] = COMBINED;
    const endless = entry + 'x'.repeat(3 * 2 ** 20);
    const { result, artefacts } = await processed(`${entry}\n${endless}\n${entry}`);
    expect(factsOf(result)).toMatchObject({ lines: 3, unknownLines: 1 });
    const [unknown] = objects(artefacts.get('unknown.ndjson'));
    expect(unknown).toEqual({
      line: 2,
      text: endless.slice(0, 2 ** 20),
      omittedBytes: endless.length - 2 ** 20,
    });
  });
});

describe('a verdict', () => {
  it('is given on a file without any entry, and nothing is kept of it', async () => {
    const { result, collected, artefacts } = await processed('no\nlog\nat all\n');
    expect(result).toMatchObject({ kind: 'rejected', reason: { code: 'no_log_lines' } });
    expect([collected.size, artefacts.size]).toEqual([0, 0]);
  });

  it('is given on a damaged archive, and nothing is kept of it', async () => {
    const content = ['garbage', ...COMBINED].join('\n').repeat(5000);
    const archive = gzipSync(content);
    const { result, collected, artefacts } = await processed(archive.subarray(0, -5));
    expect(result).toMatchObject({ kind: 'rejected', reason: { code: 'corrupt_archive' } });
    expect([collected.size, artefacts.size]).toEqual([0, 0]);
  });
});

describe('a failure', () => {
  const content = Array.from({ length: 40_000 }, (_, index) =>
    index % 2 === 0 ? `garbage ${'x'.repeat(100)}` : (COMBINED[0] ?? ''),
  ).join('\n');
  const upload = memoryUpload(Buffer.from(content), { mediaType: 'text/x-log;format=combined' });
  const failure = new Error('The store is not to be reached.');

  it('to store unknown lines ends the attempt, however many are to come', async () => {
    const { bench } = memoryBench();
    const work = logProcessor().process(upload, { ...bench, store: () => Promise.reject(failure) });
    await expect(work).rejects.toBe(failure);
  });

  it('to store rows ends the attempt, and nothing waits for ever', async () => {
    const { bench, artefacts } = memoryBench();
    const collect = async ({ body }: { body: AsyncIterable<Uint8Array> }) => {
      for await (const bytes of body) if (bytes.length > 0) throw failure;
      throw new Error('There was nothing to store.');
    };
    const work = logProcessor().process(upload, { ...bench, collect });
    await expect(work).rejects.toBe(failure);
    expect(artefacts.size).toBe(0);
  });

  it('of the upload is passed on', async () => {
    const { bench } = memoryBench();
    const broken = {
      ...upload,
      async *read() {
        yield Buffer.from(content.slice(0, 1000));
        throw failure;
      },
    };
    await expect(logProcessor().process(broken, bench)).rejects.toBe(failure);
  });

  it('ends work that is no longer ours', async () => {
    const { bench } = memoryBench();
    const work = logProcessor().process(upload, { ...bench, signal: AbortSignal.abort(failure) });
    await expect(work).rejects.toBe(failure);
  });
});
