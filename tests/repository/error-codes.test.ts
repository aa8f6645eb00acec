import { expect, it } from 'vitest';
import { codesExplainedBy, codesMadeBy, isKnown, readPage, readSources } from './error-codes.ts';

const sources = readSources();
const page = readPage('docs/errors.md');
/** What a device is told over MQTT is explained beside its topics. */
const deviceCodes = codesExplainedBy(readPage('services/iot-ingest/README.md'));

it('explains every error code that the sources make', () => {
  const explained = new Set([...codesExplainedBy(page), ...deviceCodes]);
  expect([...codesMadeBy(sources)].filter((code) => !explained.has(code))).toEqual([]);
});

it('explains no error code that there is not', () => {
  const unknown = [...codesExplainedBy(page)].filter((code) => !isKnown(code, sources));
  expect(unknown).toEqual([]);
});

it.each([
  ["throw new LocalCloudError('A_CODE', 'What to do.')", 'A_CODE'],
  ["throw new PermanentError(\n  'a_code',\n  'Why.',\n)", 'a_code'],
  ["readonly code = 'A_CODE';", 'A_CODE'],
  ["sendJson(response, 403, { code: 'A_CODE' })", 'A_CODE'],
  ["return reject('a_code', 'Why.')", 'a_code'],
  ["await jsonBody(request, 'A_CODE')", 'A_CODE'],
  ['write(`millrace: $' + '{message}. [A_CODE]\\n`)', 'A_CODE'],
  ["[\n  /ENOSPC|EDQUOT/i,\n  'A_CODE',\n  'free some'\n]", 'A_CODE'],
])('finds the code that %j makes', (source, code) => {
  expect([...codesMadeBy(source)]).toEqual([code]);
  expect(isKnown(code, source)).toBe(true);
});

it('takes no code of AWS for one of ours, and no name that contains a code for it', () => {
  expect([...codesMadeBy("{ code: 'ThrottlingException' }; table[A_COLUMN]")]).toEqual([]);
  expect(isKnown('A_CODE', "new LocalCloudError('A_CODE_TOO', 'Why.')")).toBe(false);
});

it('finds the codes of a page where it explains them', () => {
  const text = '| `a_code`, `b_code` | 400 | not `this` |\n\nReasons of x: `c_code`, `d_code`.\n';
  expect([...codesExplainedBy(text)]).toEqual(['a_code', 'b_code', 'c_code', 'd_code']);
});
