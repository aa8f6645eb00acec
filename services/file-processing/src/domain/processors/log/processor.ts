import type { StoredRendition } from '@millrace/types';
import { ContentError } from '../../content/content-error.ts';
import { type Compression, compressionOf, decompressed } from '../../content/decompress.ts';
import { type Line, lines } from '../../content/lines.ts';
import { type Batch, type Cell, parquetStream } from '../../content/parquet.ts';
import { type Processor, rejected, type Upload, type Workbench } from '../../processor.ts';
import type { LogFormat } from './formats/format.ts';
import { formatOf } from './formats/formats.ts';
import { logKind } from './kind.ts';
import { anonymous, asLogged, type Privacy } from './privacy.ts';
import { type Tally, tally } from './tally.ts';
import { type TextPipe, textPipe } from './text-pipe.ts';

const MAX_LINE_BYTES = 1024 ** 2;
/** As large as a plain file may be. Logs shrink to a tenth or a hundredth; gzip cannot do a thousandth. */
const DECOMPRESSION = { maxBytes: logKind.maxBytes, maxRatio: 1000 };
/** Half of the usual: a row is a dozen texts. */
const ROW_GROUP_ROWS = 16 * 1024;

export interface LogProcessorOptions {
  /**
   * Cuts the addresses of clients to their network (IPv4 /24, IPv6 /48) and leaves out names of users
   * and of their hosts. True unless it is said otherwise.
   */
  readonly anonymise?: boolean;
}

/**
 * Reads a log once, whatever its size, into three things at a time: rows in the lake's table
 * `logs-<format>`; the rendition `unknown` with every line that is of no known form; and what is
 * counted, with a sample of the errors as the rendition `errors`.
 */
export function logProcessor({ anonymise = true }: LogProcessorOptions = {}): Processor {
  const privacy = anonymise ? anonymous : asLogged;
  return {
    async process(upload, bench) {
      const format = formatOf(upload.mediaType);
      if (!format) throw new Error(`${upload.mediaType} is no media type of a log.`);
      const compression = await compressionOfUpload(upload);
      const counted = tally(format);
      try {
        const renditions = await pass({ upload, bench, format, compression, privacy, counted });
        const facts = {
          log: { format: format.name, ...(compression && { compression }), ...counted.facts() },
        };
        return { kind: 'processed', facts, renditions };
      } catch (error) {
        if (error instanceof ContentError) return rejected(error.code, error.message);
        throw error;
      }
    },
  };
}

async function compressionOfUpload(upload: Upload): Promise<Compression | undefined> {
  if (upload.size < 4) return undefined;
  for await (const head of upload.read({ from: 0, to: 3 })) return compressionOf(head);
  return undefined;
}

interface Pass {
  readonly upload: Upload;
  readonly bench: Workbench;
  readonly format: LogFormat;
  readonly compression: Compression | undefined;
  readonly privacy: Privacy;
  readonly counted: Tally;
}

/**
 * The lake's reader pulls rows through the file. Unknown lines leave on a way of their own, which is
 * opened for the first of them; when one way fails, so does the other, and neither waits for ever.
 */
async function pass(work: Pass): Promise<StoredRendition[]> {
  const { bench, format, counted } = work;
  const unknown = unknownLines(bench);
  const body = parquetStream(format.columns, rowsOf(work, unknown), {
    rowGroupRows: ROW_GROUP_ROWS,
  });
  let rows: StoredRendition;
  try {
    rows = await bench.collect({ table: `logs-${format.name}`, body });
  } catch (error) {
    await unknown.abandon(error);
    // Closes the upload, if whoever took the rows left it open.
    await body.return(undefined);
    throw error;
  }
  const kept = await unknown.stored();
  const sample = counted.errors.toJsonLines();
  const errors = sample.length > 0 ? [await bench.store(jsonLines('errors', sample))] : [];
  return [...errors, ...kept, rows];
}

/** @throws ContentError `no_log_lines`, before the file of rows is closed */
async function* rowsOf(
  { upload, bench, format, compression, privacy, counted }: Pass,
  unknown: UnknownLines,
): AsyncGenerator<Batch> {
  const read = format.reader(privacy);
  let any = false;
  const content = decompressed(withProgress(upload, bench), compression, DECOMPRESSION);
  for await (const batch of lines(content, { maxLineBytes: MAX_LINE_BYTES })) {
    bench.signal.throwIfAborted();
    const columns: Cell[][] = format.columns.map(() => []);
    for (const line of batch) {
      if (line.text === '') continue;
      // What was cut, or is no text, may look like an entry and be another.
      const entry = isWhole(line) ? read(line.text) : undefined;
      if (entry === 'header') continue;
      if (entry === undefined) {
        counted.addUnknown();
        await unknown.add(line);
        continue;
      }
      any = true;
      counted.add(entry, line.number);
      for (let index = 0; index < columns.length; index += 1) {
        columns[index]?.push(entry.cells[index] ?? null);
      }
    }
    yield columns;
  }
  if (!any) {
    throw new ContentError(
      'no_log_lines',
      `No line of the file is of the form ${format.name}. Send a log in one form per file.`,
    );
  }
}

const isWhole = (line: Line) => line.bytes === undefined && line.omittedBytes === 0;

async function* withProgress(upload: Upload, bench: Workbench): AsyncGenerator<Uint8Array> {
  let [bytes, told] = [0, 0];
  for await (const chunk of upload.read()) {
    yield chunk;
    bytes += chunk.length;
    const percent = Math.floor((100 * bytes) / upload.size);
    if (percent > told) await bench.progress(percent);
    told = percent;
  }
}

interface UnknownLines {
  add(line: Line): Promise<void>;
  /** @returns the rendition, if there was any line */
  stored(): Promise<StoredRendition[]>;
  abandon(error: unknown): Promise<void>;
}

function unknownLines(bench: Workbench): UnknownLines {
  let way: { pipe: TextPipe; stored: Promise<StoredRendition> } | undefined;
  const open = () => {
    const pipe = textPipe();
    const stored = bench.store(jsonLines('unknown', pipe.body));
    // Whoever writes next is told; else `stored` tells.
    stored.catch((error) => pipe.fail(error));
    return { pipe, stored };
  };
  return {
    async add(line) {
      way ??= open();
      await way.pipe.write(`${JSON.stringify(record(line))}\n`);
    },
    async stored() {
      way?.pipe.end();
      return way ? [await way.stored] : [];
    },
    async abandon(error) {
      way?.pipe.fail(error);
      await way?.stored.catch(() => {});
    },
  };
}

/** The line as it was: what is no UTF-8 in base64; of a line above 1 MiB, how much is not here. */
function record({ number, text, bytes, omittedBytes }: Line) {
  return {
    line: number,
    ...(bytes ? { base64: Buffer.from(bytes).toString('base64') } : { text }),
    ...(omittedBytes > 0 && { omittedBytes }),
  };
}

const jsonLines = <Body>(name: string, body: Body) => ({
  name,
  extension: 'ndjson',
  contentType: 'application/x-ndjson',
  body,
});
