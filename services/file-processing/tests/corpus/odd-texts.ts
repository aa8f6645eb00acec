import { type CorpusFile, corpusFile, seededRandom } from './corpus-file.ts';
import { CSV, LOG_LINE } from './good-files.ts';

/** Texts, rows and logs that are valid by a hair, or not at all. */
export function oddTexts(): CorpusFile[] {
  return [...encodings(), ...tables(), ...json(), ...markup(), ...logs()];
}

const csv = (name: string, content: Uint8Array | string, verdict?: CorpusFile['expect']) =>
  corpusFile('table', name, `${name}.csv`, content, verdict ?? 'either', 'text/csv');

function encodings(): CorpusFile[] {
  const utf16 = Buffer.from(CSV, 'utf16le');
  return [
    csv('UTF-8 with BOM', `\ufeff${CSV}`, 'ready'),
    csv('two BOMs', `\ufeff\ufeff${CSV}`),
    csv('UTF-16 LE with BOM', Buffer.from(`\ufeff${CSV}`, 'utf16le'), 'ready'),
    csv('UTF-16 BE with BOM', Buffer.from(`\ufeff${CSV}`, 'utf16le').swap16(), 'ready'),
    csv('UTF-16 without BOM', utf16),
    csv('UTF-16 of an odd number of bytes', Buffer.from(`\ufeff${CSV}`, 'utf16le').subarray(0, -1)),
    csv('UTF-16 with half a character', Buffer.from('\ufeffa,b\n\ud83d,c\nd,e\n', 'utf16le')),
    csv('UTF-32', Buffer.from([0xff, 0xfe, 0, 0, 0x61, 0, 0, 0, 0x2c, 0, 0, 0, 0x62, 0, 0, 0])),
    csv('a BOM of each encoding in turn', Buffer.from('efbbbffffefeff612c620a312c320a', 'hex')),
    csv('only a BOM', '\ufeff'),
    csv('EUC-KR', Buffer.from('c0ccb8a72cbcf60ab9b0b7b92c310abbe7b6f72c320a', 'hex')),
    csv('Latin-1', Buffer.from('ville,prix\nM\xfcnchen,1\nK\xf6ln,2\n', 'latin1')),
    csv('overlong UTF-8', Buffer.from('612c620ac0af2c310ac1bf2c320a', 'hex')),
    csv('surrogates in UTF-8', Buffer.from('612c620aeda0802c310aedbfbf2c320a', 'hex')),
    csv('bytes that no encoding has', Buffer.from('612c620afffffe2c310af8888080802c320a', 'hex')),
  ];
}

function tables(): CorpusFile[] {
  const wide = (columns: number) => {
    const row = (cell: (column: number) => string) =>
      `${Array.from({ length: columns }, (_, column) => cell(column)).join(',')}\n`;
    return (
      row((column) => `c${column}`) + row((column) => `${column}`) + row((column) => `${column}`)
    );
  };
  const rows = 'a,b,c\n1,2,3\n4,5,6\n7,8,9\n';
  return [
    csv('line ends of all kinds', 'a,b\r\n1,2\n3,4\r5,6\n\r7,8\r\r\n'),
    csv('old Macintosh line ends', rows.replaceAll('\n', '\r')),
    csv('NULs between and in the cells', 'a,b\n1,\x002\n\x00\x00,3\n4,5\x00\n'),
    csv('NULs behind the end', `${rows}${'\0'.repeat(1000)}`),
    csv('a quote left open at once', `"a,b,c\n1,2,3\n4,5,6\n`),
    csv('a quote left open at the end', `${rows}1,2,"3\n`),
    csv('a quote left open before 4 MiB', `${rows}1,"2,3\n${'4,5,6\n'.repeat(700_000)}`),
    csv('quotes inside of cells', 'a,b\n1"2,"3"4"\n"5""",""""\n'),
    csv('only quotes', '"'.repeat(10_001)),
    csv('10,000 columns', wide(10_000)),
    csv('100,000 columns', wide(100_000)),
    csv('names of columns doubled, missing and blank', 'a,a,,"  ",a\n1,2,3,4,5\n6,7,8,9,0\n'),
    csv('names of columns that objects have', '__proto__,constructor,toString\n1,2,3\n4,5,6\n'),
    csv('rows of all lengths', 'a,b,c\n1\n1,2\n1,2,3\n1,2,3,4\n\n,,,,,,,,,\n1,2,3\n'),
    csv('a header alone', 'a,b,c\n'),
    csv('only delimiters', `${','.repeat(20)}\n`.repeat(50)),
    csv('only line ends', '\n'.repeat(10_000)),
    csv('one line of 8 MiB', 'a,'.repeat(4 * 1024 ** 2)),
    csv('a cell of 8 MiB', `${rows}1,${'x'.repeat(8 * 1024 ** 2)},3\n4,5,6\n`),
    csv('numbers beyond every type', `a,b\n${'9'.repeat(5000)},1e999\n-0,NaN\n0x10,1e-999\n`),
    csv('dates that are none', 'a,b\n2026-02-30,1\n0000-00-00,2\n99999-13-45T25:61:61Z,3\n'),
    csv('formulas', 'a,b\n=1+1,@SUM(A1)\n"=cmd|\'/c calc\'!A1",+1\n'),
    csv('delimiters of four kinds', 'a;b,c\td|e\n1;2,3\t4|5\n1;2,3\t4|5\n'),
    csv('random bytes', randomBytes(20_000)),
    csv('random printable characters', randomText(50_000)),
  ];
}

function json(): CorpusFile[] {
  const deep = 100_000;
  const file = (name: string, content: Uint8Array | string, extension = 'json') =>
    corpusFile('json', name, `${name}.${extension}`, content, 'either', 'application/json');
  const lines = '{"a":1,"b":2}\n{"a":3,"b":4}\n';
  return [
    file('100,000 arrays in each other', '['.repeat(deep) + ']'.repeat(deep)),
    file('100,000 arrays never closed', '['.repeat(deep)),
    file('100,000 objects in each other', `[${'{"a":'.repeat(deep)}1${'}'.repeat(deep)}]`),
    file(
      'a line of 100,000 objects',
      `${lines}${'{"a":'.repeat(deep)}1${'}'.repeat(deep)}\n`,
      'ndjson',
    ),
    file('keys that objects have', `${lines}{"__proto__":{"x":1},"constructor":2}\n`, 'ndjson'),
    file('keys doubled', '{"a":1,"a":2}\n'.repeat(10), 'ndjson'),
    file('half characters', '{"a":"\\ud800","b":"\\udfff\\ud800"}\n'.repeat(10), 'ndjson'),
    file('100,000 digits', `[{"a":${'1'.repeat(100_000)}},{"a":1e99999}]`),
    file('10,000 keys', `[{${Array.from({ length: 10_000 }, (_, key) => `"k${key}":${key}`)}}]`),
    file(
      'rows of other keys each',
      Array.from({ length: 5000 }, (_, key) => `{"k${key}":1}\n`).join(''),
      'ndjson',
    ),
    file('a text of 8 MiB', `[{"a":"${'x'.repeat(8 * 1024 ** 2)}"}]`),
    file('no rows', '[]'),
    file('rows that are no objects', '[1,"two",[3],null,{"a":4}]'),
    file('comments and commas behind', '[{"a":1,},/* mill */{"a":2},]'),
    file('two values', '[{"a":1}] [{"a":2}]'),
    file('lines and garbage in turn', `${lines}garbage\n{"a":\n${lines}]]]\n\n`, 'ndjson'),
    file('NaN and Infinity', '[{"a":NaN},{"a":Infinity}]'),
    file('a number alone', '42'),
    file('null', 'null'),
    file('a BOM in front', `\ufeff${lines}`, 'ndjson'),
  ];
}

function markup(): CorpusFile[] {
  const deep = 100_000;
  const html = (name: string, content: string) =>
    corpusFile('html', name, `${name}.html`, content, 'either', 'text/html');
  const markdown = (name: string, content: string) =>
    corpusFile('markdown', name, `${name}.md`, content, 'either', 'text/markdown');
  const page = (body: string) => `<!doctype html><html><body>${body}</body></html>`;
  return [
    html(
      '100,000 elements in each other',
      page(`${'<div>'.repeat(deep)}mill${'</div>'.repeat(deep)}`),
    ),
    html('100,000 elements never closed', page('<b><p>'.repeat(deep / 2))),
    html(
      '100,000 attributes',
      page(`<p ${Array.from({ length: deep }, (_, at) => `a${at}=1`).join(' ')}>mill`),
    ),
    html('tables in tables', page('<table><tr><td>'.repeat(5000))),
    html('formatting that is reopened', page('<a><b><i><u>'.repeat(200) + '<p>'.repeat(2000))),
    html('a comment never closed', page(`<!--${'-'.repeat(deep)}`)),
    html('100,000 brackets', page('<'.repeat(deep))),
    html('references to no character', page('&#x110000;&#xD800;&#0;&amp;&nope;&#99999999999;')),
    html('scripts and forms', page('<script>while(1);</script><iframe src="file:///etc/passwd">')),
    html('NULs in tags', page('<p\0 a\0=\0>mill\0</p\0>')),
    markdown('100,000 quotes in each other', '> '.repeat(deep)),
    markdown('100,000 brackets', '['.repeat(deep)),
    markdown('links that do not end', '[a]('.repeat(deep / 2)),
    markdown('emphasis without an end', '*a_ '.repeat(deep / 2)),
    markdown(
      'lists in lists',
      Array.from({ length: 1000 }, (_, at) => `${' '.repeat(at)}- a\n`).join(''),
    ),
    markdown(
      'backticks of all lengths',
      Array.from({ length: 1000 }, (_, at) => '`'.repeat(at)).join(' '),
    ),
    markdown(
      'definitions of links',
      Array.from({ length: 10_000 }, (_, at) => `[${at}]: /${at}\n`).join(''),
    ),
  ];
}

function logs(): CorpusFile[] {
  const log = (name: string, content: Uint8Array | string, verdict?: CorpusFile['expect']) =>
    corpusFile('log', name, `${name}.log`, content, verdict ?? 'either', 'text/plain');
  const lines = LOG_LINE.repeat(50);
  return [
    log('garbage between its lines', `${lines}garbage\n\0\0\n"""\n${lines}`, 'ready'),
    log(
      'a line of 8 MiB',
      `${lines}${LOG_LINE.trim()}${'x'.repeat(8 * 1024 ** 2)}\n${lines}`,
      'ready',
    ),
    log('quotes left open', lines + lines.replaceAll('" 200', ' 200')),
    log(
      'years, months and zones that are none',
      lines + LOG_LINE.replace('24/Nov/2026', '99/Foo/0000').repeat(20),
    ),
    log(
      'addresses that are none',
      lines + LOG_LINE.replace('203.0.113.7', '999.1.1.1.1:::').repeat(20),
    ),
    log(
      'statuses and sizes beyond numbers',
      lines + LOG_LINE.replace('200 512', `${'9'.repeat(400)} -1`).repeat(20),
    ),
    log(
      'escapes of terminals',
      lines + LOG_LINE.replace('/mill', '/\x1b[2J\x1b]0;x\x07').repeat(20),
    ),
    log('backslashes before quotes', lines + LOG_LINE.replace('Mozilla', 'a\\\\\\" b').repeat(20)),
    log('CR LF', lines.replaceAll('\n', '\r\n'), 'ready'),
    log('a BOM', `\ufeff${lines}`),
    log('no last line end', lines.trimEnd(), 'ready'),
    log(
      '100,000 paths',
      Array.from({ length: 100_000 }, (_, at) => LOG_LINE.replace('/mill', `/${at}`)).join(''),
      'ready',
    ),
    log(
      'CloudFront without its fields',
      '#Version: 1.0\n#Fields:\n2026-11-24\t09:00:00\n'.repeat(10),
    ),
    log(
      'CloudFront with 10,000 fields',
      `#Version: 1.0\n#Fields: ${'date '.repeat(10_000)}\n${'-\t'.repeat(10_000)}\n`,
    ),
    log('a flow log without records', 'version account-id interface-id srcaddr dstaddr\n'),
  ];
}

function randomBytes(count: number): Buffer {
  const random = seededRandom(count);
  return Buffer.from(Array.from({ length: count }, () => Math.floor(random() * 256)));
}

function randomText(count: number): string {
  const random = seededRandom(count);
  const signs = ' ,;\t|"\'\n\r{}[]<>&%\\abc019가나다🙂';
  return Array.from({ length: count }, () => signs[Math.floor(random() * signs.length)]).join('');
}
