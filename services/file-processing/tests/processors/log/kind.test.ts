import { describe, expect, it } from 'vitest';
import { logKind } from '../../../src/domain/processors/log/kind.ts';
import { ALB, CLOUDFRONT, COMBINED, JSON_LINES, VPC_FLOW, VPC_FLOW_CUSTOM } from './lines.ts';

const recognize = (text: string | Uint8Array, name = 'upload') => {
  const bytes = Buffer.from(text);
  return logKind.recognize({ bytes, name, size: bytes.length });
};

describe('a log', () => {
  it.each([
    ['combined', COMBINED],
    ['alb', ALB],
    ['cloudfront', CLOUDFRONT],
    ['vpc-flow', VPC_FLOW],
    ['vpc-flow', VPC_FLOW_CUSTOM],
    ['json-lines', JSON_LINES],
  ])('%s is known by its lines, whatever ends them', (format, lines) => {
    const type = `text/x-log;format=${format}`;
    expect(recognize(lines.join('\n'))).toBe(type);
    expect(recognize(`\uFEFF${lines.join('\r\n')}\r\n`)).toBe(type);
  });

  it('of one line is known, and one whose sample ends inside a line', () => {
    const [line = ''] = COMBINED;
    expect(recognize(line)).toBe('text/x-log;format=combined');
    expect(recognize(`${line}\n${line.slice(0, 50)}`)).toBe('text/x-log;format=combined');
  });

  it('is known while most of its lines are', () => {
    const [line = ''] = COMBINED;
    expect(recognize([line, 'at stack()', line, line].join('\n'))).toBeDefined();
    expect(recognize([line, 'prose', 'that shows', 'an example'].join('\n'))).toBeUndefined();
  });
});

describe('no log', () => {
  it.each([
    ['nothing', ''],
    ['blank lines', '\n\n\n'],
    ['prose', 'Dear reader,\nthis is prose, with commas.\n'],
    ['a table', 'time,level,message\n2026-11-24T08:00:00Z,info,hello\n'],
    ['rows of data', '{"id":1,"amount":3}\n{"id":2,"amount":4}\n'],
    ['readings', '{"time":"2026-11-24T08:00:00Z","deviceId":"a","value":1}\n'],
    ['a JSON document', '[{"time":"2026-11-24T08:00:00Z","level":"info"}]'],
    ['a table with the names of a log', '#Fields: date time\nsource of a header alone\n'],
    ['fields of a flow log alone', 'version srcaddr dstaddr\n'],
    ['words', 'start end action\none two three\n'],
  ])('is %s', (_, text) => expect(recognize(text)).toBeUndefined());

  it('is binary content', () => {
    expect(
      recognize(Uint8Array.from({ length: 65_536 }, (_, index) => (index * 7919) % 256)),
    ).toBeUndefined();
  });

  it('is what has the signature of something else', () => {
    const bytes = Buffer.from(COMBINED.join('\n'));
    const sample = { bytes, name: 'a.log', size: bytes.length, signature: 'application/pdf' };
    expect(logKind.recognize(sample)).toBeUndefined();
  });
});
