import { type ChildProcess, spawn } from 'node:child_process';
import { PermanentError, TransientError } from '@millrace/middleware';
import { UploadGone } from '../domain/processor.ts';
import { CodecRefused, MediaUnreadable } from '../domain/processors/media/studio.ts';

export interface ProgramRun {
  readonly path: string;
  readonly args: readonly string[];
  readonly signal: AbortSignal;
  readonly input?: AsyncIterable<Uint8Array>;
  /** Is given what the program writes; without it that is kept, up to 16 MiB. */
  readonly onOutput?: (chunk: Buffer) => void;
}

const MOST_OUTPUT = 16 * 1024 ** 2;
const MOST_COMPLAINTS = 16 * 1024;

/**
 * Signs of a connection that failed, at which trying again may help. 416 is none: a file that names
 * places behind its end is damaged.
 */
const UNREACHABLE =
  /HTTP error (?!416)|Server returned (?!416)|Connection (refused|reset|timed out)|Network is unreachable|Stream ends prematurely|Failed to resolve|Input\/output error/i;

const REFUSED = /not on whitelist|Unsupported codec/;

/**
 * Runs ffmpeg or ffprobe as a child without a shell and without our credentials in its environment.
 *
 * @returns what it wrote to its standard output
 * @throws MediaUnreadable when it does not like the content
 * @throws PermanentError `ffmpeg_missing`
 * @throws UploadGone when the signal says so
 * @throws TransientError `media_source_unreachable`, `media_out_of_time`, `ffmpeg_killed`
 */
export async function runProgram(run: ProgramRun): Promise<Buffer> {
  if (run.signal.aborted) throw stopped(run.signal);
  const child = spawn(run.path, run.args, {
    stdio: [run.input ? 'pipe' : 'ignore', 'pipe', 'pipe'],
    env: environment(),
  });
  const stop = () => child.kill('SIGKILL');
  run.signal.addEventListener('abort', stop);
  const output = collect(child, run.onOutput);
  const feeding = run.input ? feed(child, run.input) : undefined;
  try {
    const { code, complaints } = await ended(child);
    const fed = await feeding;
    if (run.signal.aborted) throw stopped(run.signal);
    if (fed) throw fed;
    if (UNREACHABLE.test(complaints)) {
      throw new TransientError('media_source_unreachable', 'The upload could not be read.');
    }
    if (code === null) throw new TransientError('ffmpeg_killed', 'FFmpeg was killed.');
    if (code !== 0 && REFUSED.test(complaints))
      throw new CodecRefused('Its codec is not processed.');
    if (code !== 0) throw new MediaUnreadable('It cannot be decoded.');
    return output();
  } finally {
    run.signal.removeEventListener('abort', stop);
    child.kill('SIGKILL');
  }
}

function stopped({ reason }: AbortSignal): Error {
  if (reason instanceof UploadGone) return reason;
  return new TransientError('media_out_of_time', 'The work was stopped.', { cause: reason });
}

function environment(): NodeJS.ProcessEnv {
  const { PATH, LD_LIBRARY_PATH } = process.env;
  return {
    ...(PATH !== undefined && { PATH }),
    ...(LD_LIBRARY_PATH !== undefined && { LD_LIBRARY_PATH }),
    LC_ALL: 'C',
  };
}

function collect(child: ChildProcess, onOutput: ProgramRun['onOutput']): () => Buffer {
  const chunks: Buffer[] = [];
  let size = 0;
  child.stdout?.on('data', (chunk: Buffer) => {
    if (onOutput) return onOutput(chunk);
    size += chunk.length;
    if (size <= MOST_OUTPUT) chunks.push(chunk);
    else child.kill('SIGKILL');
  });
  return () => Buffer.concat(chunks);
}

/** The error of the source, if it has one. A program that has enough closes its input: that is none. */
async function feed(child: ChildProcess, input: AsyncIterable<Uint8Array>): Promise<unknown> {
  const { stdin } = child;
  if (!stdin) return undefined;
  stdin.on('error', () => {});
  try {
    for await (const chunk of input) {
      if (stdin.destroyed) return undefined;
      if (!stdin.write(chunk)) await drained(child, stdin);
    }
    stdin.end();
    return undefined;
  } catch (error) {
    child.kill('SIGKILL');
    return error;
  }
}

function drained(child: ChildProcess, stdin: NonNullable<ChildProcess['stdin']>): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      stdin.off('drain', done);
      stdin.off('close', done);
      child.off('close', done);
      resolve();
    };
    stdin.on('drain', done);
    stdin.on('close', done);
    child.on('close', done);
  });
}

function ended(child: ChildProcess): Promise<{ code: number | null; complaints: string }> {
  return new Promise((resolve, reject) => {
    let complaints = '';
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      complaints = (complaints + chunk).slice(-MOST_COMPLAINTS);
    });
    child.on('error', (error: NodeJS.ErrnoException) => {
      const isMissing = error.code === 'ENOENT' || error.code === 'EACCES';
      reject(isMissing ? missing(error) : error);
    });
    child.on('close', (code) => resolve({ code, complaints }));
  });
}

const missing = (cause: Error) =>
  new PermanentError(
    'ffmpeg_missing',
    'FFmpeg is not installed where videos and sounds are processed. On a laptop run scripts/install-tools.sh; in AWS deploy with the parameter ffmpegLayerArn; then have the file processed again.',
    { cause },
  );
