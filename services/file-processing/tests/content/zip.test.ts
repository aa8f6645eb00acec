import { expect, it } from 'vitest';
import { hasMacros, listZip, ZIP_LIMITS, type ZipLimits } from '../../src/domain/content/zip.ts';
import { makeZip } from '../model/zip.ts';

function list(zip: Buffer, limits?: ZipLimits) {
  return listZip(async ({ from, to }) => zip.subarray(from, to + 1), zip.length, limits);
}

const rejectsWith = (zip: Buffer, code: string, limits?: ZipLimits) =>
  expect(list(zip, limits)).rejects.toMatchObject({ name: 'ContentError', code });

const text = Buffer.from('mill '.repeat(100));

it('lists the entries with their sizes and reads the end only', async () => {
  const noise = Buffer.from(Array.from({ length: 200_000 }, (_, at) => (at * at * 31) >> 5));
  const zip = makeZip([
    { name: 'word/document.xml', bytes: text },
    { name: '한글.xml', bytes: noise },
  ]);
  const reads: number[] = [];
  const entries = await listZip(async ({ from, to }) => {
    reads.push(to - from + 1);
    return zip.subarray(from, to + 1);
  }, zip.length);
  expect(entries).toMatchObject([
    { name: 'word/document.xml', inflatedBytes: text.length },
    { name: '한글.xml', inflatedBytes: noise.length },
  ]);
  expect(reads.every((bytes) => bytes <= 0xffff + 22)).toBe(true);
});

it('takes an empty archive and one with a comment', async () => {
  expect(await list(makeZip([]))).toEqual([]);
  expect(await list(makeZip([{ name: 'a', bytes: text }], 'a comment'))).toHaveLength(1);
});

it('refuses the archive at every length it could be cut to', async () => {
  const zip = makeZip([{ name: 'a', bytes: text }, { name: 'b' }]);
  for (let length = 0; length < zip.length; length += 1) {
    await rejectsWith(zip.subarray(0, length), 'corrupt_archive');
  }
});

it('never fails in another way when any one byte is another', async () => {
  const zip = makeZip([{ name: 'a', bytes: text }, { name: 'b' }]);
  for (let at = 0; at < zip.length; at += 1) {
    const flipped = Buffer.from(zip);
    flipped[at] = (flipped[at] ?? 0) ^ 0xff;
    const outcome = await list(flipped).catch((error: Error) => error);
    if (outcome instanceof Error) expect(outcome.name).toBe('ContentError');
  }
});

it.each(['../up', 'a/../../up', '/etc/passwd', 'C:/windows', 'a\\b', 'a\0.xml', '', '..'])(
  'refuses the name %j',
  (name) => rejectsWith(makeZip([{ name }]), 'zip_slip'),
);

it.each(['a..b', '.../x', '..a/b', '[Content_Types].xml', '_rels/.rels', 'a b/😀.xml'])(
  'takes the name %j',
  async (name) => expect(await list(makeZip([{ name }]))).toHaveLength(1),
);

it('refuses a symbolic link, and a second name that leads out', async () => {
  const second = Buffer.concat([
    Buffer.from([0x75, 0x70, 10, 0, 1, 0, 0, 0, 0]),
    Buffer.from('../up'),
  ]);
  await rejectsWith(makeZip([{ name: 'a', declares: { unixMode: 0o120777 } }]), 'zip_slip');
  await rejectsWith(makeZip([{ name: 'a', declares: { extra: second } }]), 'zip_slip');
});

it.each([0x0001, 0x0041, 0x2000])('refuses encryption (flags %i)', (flags) =>
  rejectsWith(makeZip([{ name: 'a', declares: { flags } }]), 'encrypted_archive'),
);

it('refuses what would be too much: entries, bytes, ratio, a directory beyond reading', async () => {
  const many = Array.from({ length: 11 }, (_, index) => ({ name: `${index}` }));
  await rejectsWith(makeZip(many), 'zip_bomb', { ...ZIP_LIMITS, maxEntries: 10 });
  await rejectsWith(makeZip([{ name: 'a', declares: { inflated: 2 ** 32 - 1 } }]), 'zip_bomb');
  await rejectsWith(makeZip([{ name: 'a', bytes: Buffer.alloc(8 * 1024 ** 2) }]), 'zip_bomb');
  const long = Array.from({ length: 9000 }, (_, index) => ({ name: `${index}`.padEnd(500, 'x') }));
  await rejectsWith(makeZip(long), 'zip_bomb');
  await rejectsWith(
    makeZip(Array.from({ length: 65_535 }, (_, i) => ({ name: `${i}` }))),
    'zip_bomb',
  );
});

it('refuses entries that share bytes', async () => {
  const zip = makeZip([
    { name: 'a', bytes: text },
    { name: 'b', bytes: text, declares: { localHeader: 0 } },
  ]);
  await rejectsWith(zip, 'zip_bomb');
  const quoted = makeZip([
    { name: 'a', declares: { compressed: 40 } },
    { name: 'b', bytes: text },
  ]);
  await rejectsWith(quoted, 'zip_bomb');
});

it('refuses what readers would disagree on: a prefix, a suffix, two parts of one name', async () => {
  const zip = makeZip([{ name: 'a', bytes: text }]);
  await rejectsWith(Buffer.concat([Buffer.from('GIF89a'), zip]), 'corrupt_archive');
  await rejectsWith(Buffer.concat([zip, Buffer.from('more')]), 'corrupt_archive');
  await rejectsWith(makeZip([{ name: 'a' }, { name: 'a' }]), 'corrupt_archive');
  await rejectsWith(makeZip([{ name: 'a' }], makeZip([]).toString('latin1')), 'corrupt_archive');
});

it('knows macros by the part that keeps them', async () => {
  expect(hasMacros(await list(makeZip([{ name: 'word/vbaProject.bin' }])))).toBe(true);
  expect(hasMacros(await list(makeZip([{ name: 'word/VBADATA.xml' }])))).toBe(true);
  expect(hasMacros(await list(makeZip([{ name: 'word/myvbaProject.bin.xml' }])))).toBe(false);
});
