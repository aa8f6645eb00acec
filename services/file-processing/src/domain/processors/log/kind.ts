import type { Kind, Sample } from '../../kind.ts';
import { formatOfLines, mediaTypeOf } from './formats/formats.ts';

export const logKind: Kind = {
  name: 'log',
  version: 1,
  accepts:
    'logs in the formats Apache and nginx combined, CloudFront, ALB, VPC flow and JSON lines (plain, gzip, zstd)',
  // What one invocation writes in a third of its fifteen minutes: benchmarks/logs/README.md.
  maxBytes: 5 * 2 ** 30,
  recognize(sample) {
    if (sample.signature !== undefined) return undefined;
    const format = formatOfLines(wholeLines(sample));
    return format && mediaTypeOf(format);
  },
};

/** The last line of a sample may go on in the file, and is told by only if there is no other. */
function wholeLines({ bytes }: Sample): string[] {
  const end = bytes.lastIndexOf(10);
  return Buffer.from(end === -1 ? bytes : bytes.subarray(0, end))
    .toString()
    .replace(/^\uFEFF/, '')
    .split('\n')
    .map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
}
