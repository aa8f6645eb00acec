import type { Kind, Sample } from '../../kind.ts';
import { formatOfLines, mediaTypeOf } from './formats/formats.ts';

export const logKind: Kind = {
  name: 'log',
  version: 1,
  accepts:
    'logs in the formats Apache and nginx combined, CloudFront, ALB, VPC flow and JSON lines (plain, gzip, zstd)',
  // In an invocation's fifteen minutes that is 6 MB/s: a third of what was measured (decision 0043).
  maxBytes: 5 * 2 ** 30,
  recognize(sample) {
    if (sample.signature !== undefined) return undefined;
    const lines = linesOf(sample);
    // The last line may go on in the file.
    const format = formatOfLines(lines.slice(0, -1)) ?? formatOfLines(lines);
    return format && mediaTypeOf(format);
  },
};

const linesOf = ({ bytes }: Sample): string[] =>
  Buffer.from(bytes)
    .toString()
    .replace(/^\uFEFF/, '')
    .split('\n')
    .map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
