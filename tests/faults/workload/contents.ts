import sharp from 'sharp';
import type { ExpectedFile } from './run.ts';
import type { Content } from './scenario.ts';

export interface Sample {
  readonly bytes: Buffer;
  readonly contentType: string;
  readonly expected: ExpectedFile;
}

/** Drawn once; a few hundred pixels, so that pictures are a small part of a run's work. */
export async function contents(): Promise<Readonly<Record<Content, Sample>>> {
  const picture = (width: number, height: number) =>
    sharp({ create: { width, height, channels: 3, background: { r: 200, g: 90, b: 30 } } });
  const wide = await picture(700, 20).jpeg().toBuffer();
  return {
    small: {
      bytes: await picture(24, 16).png().toBuffer(),
      contentType: 'image/png',
      expected: { status: 'ready', width: 24, height: 16 },
    },
    wide: {
      bytes: wide,
      contentType: 'image/jpeg',
      expected: { status: 'ready', width: 700, height: 20 },
    },
    text: {
      bytes: Buffer.from('not a picture'),
      contentType: 'image/png',
      expected: { status: 'rejected', code: 'type_mismatch' },
    },
    cut: {
      bytes: wide.subarray(0, 200),
      contentType: 'image/jpeg',
      expected: { status: 'rejected', code: 'corrupt_image' },
    },
    empty: {
      bytes: Buffer.alloc(0),
      contentType: 'image/png',
      expected: { status: 'rejected', code: 'empty_file' },
    },
    table: {
      bytes: Buffer.from(TABLE),
      contentType: 'text/csv',
      expected: { status: 'ready', kind: 'table', rows: 2 },
    },
    log: {
      bytes: Buffer.from(LOG),
      contentType: 'text/plain',
      expected: { status: 'ready', kind: 'log', rows: 3 },
    },
    document: {
      bytes: Buffer.from('# A title\n\nA paragraph of some words in English.\n'),
      contentType: 'text/markdown',
      expected: { status: 'ready', kind: 'document', rows: 0 },
    },
  };
}

/** Of the dataset `sales`, one row of which is none. */
const TABLE = `order_id,sold_at,sku,quantity,amount
A-1,2026-11-24T09:00:00Z,S-1,1,10
A-2,2026-11-24T09:01:00Z,S-2,many,20
A-3,2026-11-24T09:02:00Z,S-1,2,30
`;

const LOG = [200, 404, 200]
  .map(
    (status) => `192.0.2.7 - - [24/Nov/2026:09:00:01 +0000] "GET / HTTP/1.1" ${status} 5 "-" "-"\n`,
  )
  .join('');
