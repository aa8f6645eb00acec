import { describe, expect, it } from 'vitest';
import { formatTable, summarize } from '../src/demo/report.ts';
import { displayWidth } from '../src/terminal/columns.ts';

const right = {
  area: 'files',
  input: '사진.jpg',
  result: '3 renditions',
  latencyMs: 12.4,
} as const;
const wrong = { ...right, input: 'b.jpg', result: '2 renditions', expected: '3 renditions' };

describe('the report of the demo', () => {
  it('counts what is right and what is wrong', () => {
    expect(summarize('r', false, [right, wrong])).toMatchObject({ right: 1, wrong: 1 });
  });

  it('says of a wrong result what was expected, and that not all is right', () => {
    const text = formatTable(summarize('r', false, [right, wrong]));
    expect(text).toContain('✘  b.jpg');
    expect(text).toContain('2 renditions — expected 3 renditions');
    expect(text).toContain('1 of 2 results are wrong.');
  });

  it('lines up columns where names are Korean', () => {
    const lines = formatTable(summarize('r', false, [right, { ...right, input: 'ab' }])).split(
      '\n',
    );
    const [first = '', second = ''] = lines.slice(2, 4);
    expect(displayWidth(first)).toBe(displayWidth(second));
  });

  it.each([
    ['abc', 3],
    ['사진', 4],
    ['e\u0301', 1],
    ['🙂', 2],
  ])('takes %s as %i columns wide', (text, width) => {
    expect(displayWidth(text)).toBe(width);
  });
});
