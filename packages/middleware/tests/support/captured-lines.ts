import { vi } from 'vitest';

/**
 * The JSON lines that `run` writes to standard output and error, where Lambda reads logs and
 * embedded metrics from.
 */
export async function capturedLines(
  run: () => Promise<unknown>,
): Promise<readonly Record<string, unknown>[]> {
  const written: string[] = [];
  const note = (chunk: unknown): boolean => {
    written.push(String(chunk));
    return true;
  };
  const streams = [
    vi.spyOn(process.stdout, 'write').mockImplementation(note),
    vi.spyOn(process.stderr, 'write').mockImplementation(note),
  ];
  try {
    await run();
  } finally {
    for (const stream of streams) stream.mockRestore();
  }
  return written
    .join('')
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));
}
