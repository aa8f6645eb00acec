import { type CorpusFile, corpusFile } from './corpus-file.ts';
import { CSV } from './good-files.ts';

/**
 * Keys that break what is careless with names. The content is good, so each must come out ready.
 * Segments `.` and `..` are missing: clients of S3 resolve them away before they are sent.
 */
export function oddNames(): CorpusFile[] {
  const files = NAMES.map(([what, name]) =>
    corpusFile('names', what, name, CSV, 'ready', 'text/csv'),
  );
  return [...files, ...longKeys(), ...outsideOfFolders()];
}

const RESERVED = [...'!"#$%&\'()*+,-.:;<=>?@[\\]^_`{|}~'];

const NAMES: readonly (readonly [what: string, name: string])[] = [
  ...RESERVED.map((sign) => [`with ${sign}`, `a${sign}b.csv`] as const),
  ['all reserved characters at once', `${RESERVED.join('')}.csv`],
  ['spaces', ' two  spaces .csv'],
  ['a plus that is no space', 'a+b c%20d%2Be.csv'],
  ['escapes that must not be undone', '%00%2F..%2F%E3%81.csv'],
  ['a line break and a tab', 'a\nb\tc.csv'],
  ['the control character DEL', 'a\u007fb.csv'],
  ['emoji of several characters', '👩🏽‍🚒🇰🇷🏴󠁧󠁢󠁥󠁮󠁧󠁿.csv'],
  ['Korean, composed', '물레방아.csv'],
  ['Korean, decomposed', '물레방아.csv'.normalize('NFD')],
  ['many combining marks', `a${'\u0301'.repeat(100)}.csv`],
  ['right-to-left marks that disguise the extension', 'turns\u202ecsv.exe'],
  ['Arabic and Hebrew', 'طاحونة-טחנה.csv'],
  ['characters of no width', 'a\u200b\u200d\u2060\ufeffb.csv'],
  ['a private character and a noncharacter', 'a\ue000\uffffb.csv'],
  ['a line separator', 'a\u2028b\u2029c.csv'],
  ['a device of Windows', 'CON.csv'],
  ['a hidden file', '.csv'],
  ['only dots', '...'],
  ['no extension', 'turns'],
  ['many extensions', 'turns.csv.exe.jpg.csv'],
  ['an upper-case extension', 'TURNS.CSV'],
  ['a formula', '=cmd|calc!A1.csv'],
  ['markup', '<img src=x onerror=f()>.csv'],
  ['SQL', "'; DROP TABLE files;--.csv"],
  ['a template', '{{7*7}}{{constructor}}.csv'],
  ['a format', '%s%n%x.csv'],
  ['a member of every object', '__proto__'],
  ['an option', '--help.csv'],
  ['a URL', 'https:example.org?a=b#c.csv'],
];

/** S3 counts bytes of UTF-8 and allows 1,024. */
function longKeys(): CorpusFile[] {
  return [
    ['letters', 'x'],
    ['emoji', '😀'],
    ['Korean', '물'],
  ].map(([what = '', sign = '']) => {
    const file = corpusFile('names', `1,024 bytes of ${what}`, 'long-', CSV, 'ready', 'text/csv');
    const room = 1024 - Buffer.byteLength(file.key);
    const size = Buffer.byteLength(sign);
    const key = file.key + sign.repeat(Math.floor(room / size)) + 'y'.repeat(room % size);
    return { ...file, key };
  });
}

function outsideOfFolders(): CorpusFile[] {
  const key = (what: string, whole: string): CorpusFile => ({
    ...corpusFile('names', what, '', CSV, 'ready', 'text/csv'),
    key: whole,
  });
  return [
    key('a slash in front', '/corpus-names/turns.csv'),
    key('slashes in a row', 'corpus-names//a///turns.csv'),
    key('a slash at the end', 'corpus-names/folder/'),
    key('fifty folders', `corpus-names/${'a/'.repeat(50)}turns.csv`),
    key('a file id that is none', 'acme/00000000-0000-0000-0000-00000000000/turns.csv'),
    key('a tenant that is none', 'ACME!/0199f1de-7d5f-7cc0-8bd4-6a6f0a4b1a55/turns.csv'),
  ];
}
