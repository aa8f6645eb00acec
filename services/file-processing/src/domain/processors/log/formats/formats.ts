import { asLogged } from '../privacy.ts';
import { alb } from './alb.ts';
import { cloudfront } from './cloudfront.ts';
import { combined } from './combined.ts';
import type { LogFormat } from './format.ts';
import { jsonLines } from './json-lines.ts';
import { vpcFlow } from './vpc-flow.ts';

const FORMATS: readonly LogFormat[] = [combined, alb, cloudfront, vpcFlow, jsonLines];

const TYPE = 'text/x-log;format=';

export const mediaTypeOf = (format: LogFormat): string => TYPE + format.name;

export const formatOf = (mediaType: string): LogFormat | undefined =>
  FORMATS.find((format) => mediaTypeOf(format) === mediaType);

/** The form that most of the lines have, headers left aside; undefined where none has. */
export function formatOfLines(lines: readonly string[]): LogFormat | undefined {
  return FORMATS.find((format) => hasMostOf(lines, format));
}

function hasMostOf(lines: readonly string[], format: LogFormat): boolean {
  const read = format.reader(asLogged);
  let [entries, unknown] = [0, 0];
  for (const line of lines) {
    const found = line === '' ? 'header' : read(line);
    if (found === undefined) unknown += 1;
    else if (found !== 'header') entries += 1;
  }
  return entries > unknown;
}
