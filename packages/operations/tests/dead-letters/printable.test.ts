import { describe, expect, it } from 'vitest';
import { harmless, inOneLine, readable } from '../../src/dead-letters/printable.ts';

describe('what is shown of the input of others', () => {
  it('cannot speak to the terminal', () => {
    const evil = '\u001b]0;owned\u0007\u001b[2J\u009b1m\r\u202eabc\u2028';
    expect(harmless(evil)).toBe('\\x1b]0;owned\\x07\\x1b[2J\\x9b1m\\x0d\\u202eabc\\u2028');
    expect(readable(Buffer.from(`{"a": "x\u001b[2J", broken\n\ty`))).toBe(
      '{"a": "x\\x1b[2J", broken\n\ty',
    );
    expect(inOneLine('one\ntwo\u001b[1m')).toBe('one two\\x1b[1m');
  });

  it('is JSON with indents, with every digit as it came', () => {
    expect(readable(Buffer.from('{"a":[1,"둘"]}'))).toBe('{\n  "a": [\n    1,\n    "둘"\n  ]\n}');
    const exact = '{"a":12345678901234567890.10}';
    expect(readable(Buffer.from(exact))).toBe(exact);
  });

  it('is in hex where it is no text', () => {
    expect(readable(Uint8Array.of(0xff, 0x00, 0x41))).toBe(
      `000000  ff 00 41${' '.repeat(39)}  ..A`,
    );
  });
});
