import { describe, expect, it } from 'vitest';
import { Cleaning } from '../../../src/pipelines/cleansing/cleaning.ts';
import { PERSONAL } from '../../../src/pipelines/cleansing/mask.ts';
import type { Rule, Scalar } from '../../../src/pipelines/cleansing/rule.ts';
import { LINE, LOG_LINES, PARAGRAPHS } from '../../../src/pipelines/cleansing/text.ts';
import { NUMBER_IN_TEXT, TIME_UTC } from '../../../src/pipelines/cleansing/values.ts';
import { WEB_ADDRESS } from '../../../src/pipelines/cleansing/web-address.ts';

function apply(value: Scalar, ...rules: readonly Rule[]) {
  const cleaning = new Cleaning((text) => text);
  const result = cleaning.scalar(value, rules, 'x', 'x');
  return { result, rules: cleaning.changes.map(({ rule }) => rule) };
}
const resultOf = (value: Scalar, ...rules: readonly Rule[]) => apply(value, ...rules).result;

describe('a text on one line', () => {
  it.each([
    ['plain text', 'plain text', []],
    ['  two\t words \n', 'two words', ['text_whitespace']],
    ['전각\u3000공백\u00a0끝', '전각 공백 끝', ['text_whitespace']],
    ['zero\u200bwidth\ufeff', 'zerowidth', ['text_invisible_removed']],
    ['bell\u0007 and nul\u0000', 'bell and nul', ['text_invisible_removed']],
    ['evil\u202egnp.exe', 'evilgnp.exe', ['text_invisible_removed']],
    ['hidden\u{E0041}\u{E0042} tag', 'hidden tag', ['text_invisible_removed']],
    ['cafe\u0301', 'café', ['text_nfc']],
    ['cafe\u200b\u0301', 'café', ['text_invisible_removed', 'text_nfc']],
    ['\u1112\u1161\u11ab\u1100\u1173\u11af', '한글', ['text_nfc']],
    ['half \ud800 pair', 'half \ufffd pair', ['text_well_formed']],
    ['   ', '', ['text_whitespace']],
  ])('%j becomes %j', (dirty, clean, rules) => {
    expect(apply(dirty, ...LINE)).toEqual({ result: clean, rules });
  });

  it.each(['👩‍👩‍👧', '👩🏽‍🚀', '❤️‍🔥', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', 'می‌خواهم', 'ශ්‍රී', 'क्‍ष'])(
    'keeps joiners that are spelling: %s',
    (text) => expect(apply(text, ...LINE)).toEqual({ result: text, rules: [] }),
  );

  it('removes joiners that join nothing', () => {
    expect(resultOf('pay\u200dpal', ...LINE)).toBe('paypal');
    expect(resultOf('👩\u200d \u200d👧\u200d', ...LINE)).toBe('👩 👧');
  });
});

it('keeps paragraphs of posts and the indentation of stack traces', () => {
  expect(resultOf(' one  two \r\n\r\n\r\n\r\n three ', ...PARAGRAPHS)).toBe('one two\n\nthree');
  expect(resultOf('\u001b[31mError\u001b[0m: no\r\n    at f (a.ts:1)   \n', ...LOG_LINES)).toBe(
    'Error: no\n    at f (a.ts:1)',
  );
});

describe('personal data in texts', () => {
  it.each([
    ['write to kim@example.com.', 'write to [email].', 'mask_email'],
    ['메일은kim.cs+a@mail.example.co.kr으로', '메일은[email]으로', 'mask_email'],
    ['김철수@예시.한국', '[email]', 'mask_email'],
    ['kim＠example．com', '[email]', 'mask_email'],
    ['a@b.co,c@d.co', '[email],[email]', 'mask_email'],
    ['전화010-1234-5678입니다', '전화[phone]입니다', 'mask_phone'],
    ['01012345678', '[phone]', 'mask_phone'],
    ['010-1234-5678 010-9876-5432', '[phone] [phone]', 'mask_phone'],
    ['+82 10-1234-5678', '[phone]', 'mask_phone'],
    ['(02) 123-4567', '[phone]', 'mask_phone'],
    ['０１０－１２３４－５６７８', '[phone]', 'mask_phone'],
    ['call +1 (212) 555-0100 now', 'call [phone] now', 'mask_phone'],
    ['+44 20 7946 0958', '[phone]', 'mask_phone'],
    ['212-555-0100', '[phone]', 'mask_phone'],
    ['card 4111 1111 1111 1111 12/30', 'card [card] 12/30', 'mask_card'],
    ['4111111111111111', '[card]', 'mask_card'],
    ['3782-822463-10005', '[card]', 'mask_card'],
    ['5555 5555 5555 4444 2026', '[card] 2026', 'mask_card'],
    ['주민번호 900101-1234567', '주민번호 [rrn]', 'mask_rrn'],
    ['9001011234568', '[rrn]', 'mask_rrn'],
    ['login password=hunter2&x=1', 'login password=[secret]&x=1', 'mask_secret'],
    ['Authorization: Bearer abc.def-123456', 'Authorization: Bearer [secret]', 'mask_secret'],
    ['key AKIAIOSFODNN7EXAMPLE', 'key [secret]', 'mask_secret'],
    ['t eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln', 't [secret]', 'mask_secret'],
  ])('%s', (dirty, clean, rule) => {
    expect(apply(dirty, ...PERSONAL)).toEqual({ result: clean, rules: [rule] });
  });

  it.each([
    'order 4111111111111112 (wrong check digit)',
    '900231-9234567 and 901301-1234567 (no such code or month)',
    '550e8400-e29b-41d4-a716-446655440000',
    '2026-11-24 09:41:07.123456',
    'took 1764000000000 ms, version 10.0.19045.3803',
    'pi is 3.14159265358979',
    '192.168.0.10:8080',
    'me @ home, @handle, a@b',
    'deadbeef01012345678cafe',
    '₩1,234,567',
    '00012345678',
  ])('stays: %s', (text) => {
    expect(apply(text, ...PERSONAL)).toEqual({ result: text, rules: [] });
  });

  it('is found in numbers, too', () => {
    expect(resultOf(4_111_111_111_111_111, ...PERSONAL)).toBe('[card]');
    expect(resultOf(1_764_000_000_000, ...PERSONAL)).toBe(1_764_000_000_000);
    expect(resultOf(0.1, ...PERSONAL)).toBe(0.1);
  });

  // Each made a backtracking expression take minutes; here the end of the test is the assertion.
  it.each([
    ['digits', '1'.repeat(65_536)],
    ['separated digits', '1 '.repeat(32_768)],
    ['areas', '02-'.repeat(20_000)],
    ['ats', 'a@'.repeat(32_768)],
    ['labels', `a@${'a.'.repeat(32_000)}`],
    ['tokens', 'eyJ'.repeat(20_000)],
    ['dotted tokens', 'eyJaaaaaaaa.'.repeat(5_000)],
    ['spaces', `a${' '.repeat(65_000)}b`],
    ['line ends', '\n'.repeat(65_000)],
    ['escapes', '\u001b['.repeat(32_000)],
    ['keywords', 'token='.repeat(10_000)],
  ])('is looked for in one pass over 64 KiB of %s', (_, text) => {
    for (const rules of [LINE, PARAGRAPHS, LOG_LINES, PERSONAL, [WEB_ADDRESS]]) {
      expect(typeof resultOf(text, ...rules)).toBe('string');
    }
  });
});

describe('web addresses', () => {
  it.each([
    ['https://x.io/a?b=1#c', 'https://x.io/a?b=1#c'],
    ['https://kim:pw@x.io/', 'https://x.io/'],
    ['/reset?token=abc&lang=ko', '/reset?token=[secret]&lang=ko'],
    ['/a?userEmail=x%40y.zz', '/a?userEmail=[email]'],
    ['/u/kim%40example.com?q=%2B82+10-1234-5678', '/u/[email]?q=[phone]'],
    ['/search?q=%ED%95%9C%EA%B8%80+100%25', '/search?q=%ED%95%9C%EA%B8%80+100%25'],
    ['/broken?q=%zz&card=4111111111111111', '/broken?q=%zz&card=[card]'],
    ['/cb#access_token=abc', '/cb#access_token=[secret]'],
  ])('%s', (dirty, clean) => expect(resultOf(dirty, WEB_ADDRESS)).toBe(clean));
});

describe('numbers and times in text', () => {
  it.each([
    ['1,234.50', 1234.5],
    ['-7', -7],
    ['１２', 12],
    ['0.1', 0.1],
    ['12,34', '12,34'],
    ['9007199254740993', '9007199254740993'],
    ['1e5', '1e5'],
    ['007 Bond', '007 Bond'],
    [true, true],
  ])('%j becomes %j', (value, expected) => expect(resultOf(value, NUMBER_IN_TEXT)).toBe(expected));

  it.each([
    ['2026-11-23T18:41:07+09:00', '2026-11-23T09:41:07.000Z'],
    ['2026-11-23 09:41:07.123456Z', '2026-11-23T09:41:07.123Z'],
    ['0000-01-01T00:00:00+23:00', '0000-01-01T00:00:00+23:00'],
    ['2026-02-30T25:00:00Z', '2026-02-30T25:00:00Z'],
    ['yesterday', 'yesterday'],
  ])('%j becomes %j', (value, expected) => expect(resultOf(value, TIME_UTC)).toBe(expected));
});
