import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MOST_POSTINGS } from '../../src/domain/search/find-postings.ts';
import { searchFiles } from '../../src/domain/search/search-files.ts';
import { similarPictures } from '../../src/domain/search/similar-pictures.ts';
import { snippetOf } from '../../src/domain/search/snippet.ts';
import {
  memoryDocuments,
  memoryFileLookup,
  memorySearch,
  memorySearchReader,
} from '../support/memory-search.ts';
import {
  type Described,
  documentItem,
  documentSearchItemsOf,
  readyFile,
  searchItemsOf,
} from '../support/search-items.ts';

const FILES: readonly Described[] = [
  { fileId: 'pay', name: '전자결제 안내.pdf', text: '결제는 카드로 합니다.' },
  { fileId: 'card', name: 'card.txt', text: '카드로 결제를 했다. 결제, 결제!' },
  { fileId: 'mill', name: 'The mill.docx', text: `${'word '.repeat(500)}A wheel turns.` },
  { fileId: 'wheel', name: 'Wheels.html', text: 'of mills' },
];
const search = async (q: string, files = FILES, tenant = 'acme') =>
  (await searchFiles(tenant, { q, limit: 10 }, memorySearch(files))).items;
const ids = async (q: string, files = FILES) => (await search(q, files)).map(({ file }) => file);

describe('a search', () => {
  it.each([
    ['결제', ['pay', 'card']],
    ['결제를', ['pay', 'card']],
    ['전자결제', ['pay']],
    ['카드 결제', ['pay', 'card']],
    ['MILL', ['mill', 'wheel']],
    ['turning wheels', ['mill']],
    ['whe', ['wheel']],
    ['mills whe', ['wheel']],
    ['전', ['pay']],
    ['nothing', []],
    ['mill nothing', []],
  ])('for %s finds %j', async (q, expected) => {
    expect(await ids(q)).toEqual(expected);
  });

  it('puts the name before the text, more before less, the greater id before the smaller', async () => {
    const files = [
      { fileId: '1', text: 'oak tree' },
      { fileId: '2', text: 'oak tree' },
      { fileId: '3', text: 'oak oak oak tree' },
      { fileId: '4', name: 'oak', text: 'tree' },
    ];
    expect(await ids('oak', files)).toEqual(['4', '3', '2', '1']);
  });

  it('shows a line around what is found', async () => {
    const [hit] = await search('wheel turns');
    expect(hit).toMatchObject({ file: 'mill', name: 'The mill.docx', kind: 'document' });
    const { snippet = '', highlights = [] } = hit ?? {};
    expect(snippet).toMatch(/^word .*word A wheel turns\.$/);
    expect(highlights.map(({ from, to }) => snippet.slice(from, to))).toEqual(['wheel', 'turns']);
  });

  it.each(['', '—!?', '\u0000', '😀', Array.from({ length: 40 }, (_, at) => `w${at}`).join(' ')])(
    'for %j is refused',
    async (q) => {
      await expect(search(q)).rejects.toMatchObject({ code: 'invalid_request' });
    },
  );

  it('shows nothing to another tenant, and nothing of it', async () => {
    expect(await search('결제', FILES, 'other')).toEqual([]);
    const shared = [...FILES, { fileId: 'secret', tenant: 'other', text: '결제' }];
    expect(await ids('결제', shared)).toEqual(['pay', 'card']);
  });
});

describe('a search never shows', () => {
  const found = { fileId: 'f', sequencer: '0A', text: 'wheel' };
  const index = memorySearchReader([
    ...searchItemsOf(found),
    ...searchItemsOf({ ...found, sequencer: '0B', text: 'mill' }),
  ]);
  const shown = async (q: string, ...files: Parameters<typeof memoryFileLookup>[0]) =>
    (
      await searchFiles(
        'acme',
        { q, limit: 10 },
        { index, files: memoryFileLookup(files), documents: memoryDocuments([]) },
      )
    ).items.map(({ file }) => file);
  const newest = readyFile({ ...found, sequencer: '0B' });

  it('what is not the newest version', async () => {
    expect(await shown('mill', newest)).toEqual(['f']);
    expect(await shown('wheel', newest)).toEqual([]);
  });
  it.each(['processing', 'rejected', 'failed', 'awaiting-upload'] as const)(
    'a file that is %s',
    async (status) => {
      expect(await shown('mill', { ...newest, status })).toEqual([]);
    },
  );
  it('a file that is gone', async () => {
    expect(await shown('mill')).toEqual([]);
  });
});

describe('documents', () => {
  const first = documentItem('d1', 1, { title: '결제 설명서', text: 'wheel' });
  const second = documentItem('d1', 2, { title: 'Manual', text: '카드로 결제를 한다.' });
  const gone = documentItem('d1', 3, { deleted: true });
  const index = memorySearchReader([
    ...FILES.flatMap(searchItemsOf),
    ...[first, second].flatMap(documentSearchItemsOf),
  ]);
  const shown = async (q: string, ...now: Parameters<typeof memoryDocuments>[0]) => {
    const ports = {
      ...{ index, files: memoryFileLookup(FILES.map(readyFile)) },
      documents: memoryDocuments(now),
    };
    const { items } = await searchFiles('acme', { q, limit: 10 }, ports);
    return items.map(({ file, document }) => file ?? `document ${document}`);
  };

  it('are found beside files, by the words of their newest state', async () => {
    expect(await shown('결제', first)).toEqual(['pay', 'document d1', 'card']);
    expect(await shown('결제를', second)).toEqual(['pay', 'card', 'document d1']);
    expect(await shown('wheel', first)).toEqual(['wheel', 'document d1', 'mill']);
    expect(await shown('wheel', second)).toEqual(['wheel', 'mill']);
    expect(await shown('manu', second)).toEqual(['document d1']);
  });

  it('are not found when they are deleted or not there', async () => {
    expect(await shown('manual', gone)).toEqual([]);
    expect(await shown('manual')).toEqual([]);
  });

  it('tell what they are', async () => {
    const one = documentItem('d2', 1, { title: 'Manual', text: 'It turns.', language: 'en' });
    const { items } = await searchFiles(
      'acme',
      { q: 'turn', limit: 10 },
      memorySearch([], [one, { ...one, tenant: 'other' }]),
    );
    expect(items).toEqual([
      {
        ...{ document: 'd2', name: 'Manual', kind: 'document', language: 'en' },
        ...{ score: expect.any(Number), snippet: 'It turns.', highlights: [{ from: 3, to: 8 }] },
      },
    ]);
  });
});

describe('pages', () => {
  it('go on where the one before ended, until all is shown once', async () => {
    const file = fc.record({
      text: fc.constantFrom('oak', 'oak oak', 'elm'),
      isStale: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(file, { maxLength: 30 }),
        fc.integer({ min: 1, max: 7 }),
        async (drawn, limit) => {
          const described = drawn.map(({ text }, at) => ({ fileId: `f${at}`, text }));
          const files = described.filter((_, at) => !drawn[at]?.isStale);
          const ports = {
            index: memorySearchReader(described.flatMap((one) => searchItemsOf(one))),
            files: memoryFileLookup(files.map((one) => readyFile(one))),
            documents: memoryDocuments([]),
          };
          const shown: string[] = [];
          let cursor: string | undefined;
          do {
            const page = await searchFiles('acme', { q: 'oak', limit, cursor }, ports);
            expect(page.items.length).toBeLessThanOrEqual(limit);
            shown.push(...page.items.map(({ file = '' }) => file));
            cursor = page.cursor;
          } while (cursor !== undefined);
          const whole = await searchFiles('acme', { q: 'oak', limit: 50 }, ports);
          expect(shown).toEqual(whole.items.map((item) => item.file));
          expect(shown.toSorted()).toEqual(
            files
              .filter(({ text }) => text !== 'elm')
              .map((one) => one.fileId)
              .toSorted(),
          );
        },
      ),
    );
  });
  it.each(['nonsense', Buffer.from('1:x').toString('base64url'), 'MTo'])(
    'refuse the cursor %s',
    async (cursor) => {
      await expect(
        searchFiles('acme', { q: 'oak', limit: 1, cursor }, memorySearch([])),
      ).rejects.toMatchObject({ code: 'invalid_cursor' });
    },
  );
});

describe('of more files with a word than are read', () => {
  const idOf = (at: number) => `f${String(at).padStart(5, '0')}`;
  const many = Array.from({ length: MOST_POSTINGS + 50 }, (_, at) => ({
    fileId: idOf(at),
    text: at === 3 ? 'the one mill' : 'the one',
  }));
  it('those that another word names are found for sure', async () => {
    const answer = await searchFiles('acme', { q: 'the mill', limit: 10 }, memorySearch(many));
    expect(answer).toMatchObject({ items: [{ file: idOf(3) }], partial: false });
  });
  it('those with the greatest ids are found, and it is said that there are more', async () => {
    const answer = await searchFiles('acme', { q: 'the one', limit: 1 }, memorySearch(many));
    expect(answer).toMatchObject({ items: [{ file: many.at(-1)?.fileId }], partial: true });
  });
});

describe('similar pictures', () => {
  const PICTURE = '0123456789abcdef';
  const pictures = [
    { fileId: 'it', hash: PICTURE },
    { fileId: 'same', hash: PICTURE, name: 'copy.png' },
    { fileId: 'eight', hash: '0123456789abcd10' },
    { fileId: 'seven', hash: '1133557799bbcdee' },
    { fileId: 'far', hash: 'fedcba9876543210' },
    { fileId: 'hidden', hash: PICTURE, tenant: 'other' },
  ];
  const similarTo = (described: Described, known: readonly Described[] = pictures) =>
    similarPictures(readyFile(described), memorySearch(known));

  it('are those of the same tenant whose hash is near, nearest first', async () => {
    const { items } = await similarTo({ fileId: 'it', hash: PICTURE });
    expect(items).toEqual([
      { file: 'same', name: 'copy.png', distance: 0 },
      { file: 'seven', name: '', distance: 7 },
    ]);
  });
  it('are none of a file that is no picture or not ready', async () => {
    expect((await similarTo({ fileId: 'it' })).items).toEqual([]);
    const processing = {
      ...readyFile({ fileId: 'it', hash: PICTURE }),
      status: 'processing' as const,
    };
    expect((await similarPictures(processing, memorySearch(pictures))).items).toEqual([]);
  });
});

it('a snippet is a line of bounded length, wherever it is cut', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 2_000 }), fc.nat(2_000), (passage, at) => {
      const { snippet, highlights } = snippetOf(passage, at, new Set(['a']));
      expect(snippet.length).toBeLessThanOrEqual(240);
      expect(snippet).not.toMatch(/[\n\r\t]/);
      expect(snippet.isWellFormed()).toBe(true);
      for (const { from, to } of highlights) expect(to - from).toBeGreaterThan(0);
    }),
  );
});
