import type { FileItem } from '@millrace/types';
import { describe, expect, it } from 'vitest';
import { presentFile } from '../../src/domain/files/file-resource.ts';
import { readPlaylist } from '../../src/domain/files/playlist.ts';

const FOLDER = 'acme/f/0A/hls/';
const MASTER = [
  '#EXTM3U',
  '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="audio",URI="audio/index.m3u8"',
  '#EXT-X-STREAM-INF:BANDWIDTH=1,AUDIO="audio"',
  '480p/index.m3u8',
  '',
].join('\n');
const INDEX = ['#EXTM3U', '#EXT-X-MAP:URI="init.mp4"', '#EXTINF:6,', '00000.ts', ''].join('\n');

const media = { signGet: async ({ key }: { key: string }) => `https://media/${key}?signed` };
const item: FileItem = {
  ...{ tenant: 'acme', fileId: 'f', name: 'a.mov', bucket: 'uploads', key: 'acme/f/a.mov' },
  ...{ status: 'ready', createdAt: 't', updatedAt: 't' },
  renditions: [
    {
      ...{ name: 'hls/master', bucket: 'media', key: `${FOLDER}master.m3u8`, size: 1 },
      contentType: 'application/vnd.apple.mpegurl',
    },
  ],
};
const stored: Record<string, string> = {
  [`${FOLDER}master.m3u8`]: MASTER,
  [`${FOLDER}480p/index.m3u8`]: INDEX,
  [`${FOLDER}up.m3u8`]: '#EXTM3U\n../../../../other/f/0A/secret.ts\n',
  [`${FOLDER}out.m3u8`]: '#EXTM3U\nhttps://evil.example/x.ts\n',
  [`${FOLDER}long.m3u8`]: '00000.ts\n'.repeat(200_000),
};
const playlists = { read: async ({ key }: { key: string }) => stored[key] };
const read = (name: string, file = item) => readPlaylist(file, name, { media, playlists });

describe('a playlist', () => {
  it('is shown as a path of the API, which a presigned URL could not replace', async () => {
    expect((await presentFile(item, media)).renditions[0]?.url).toBe('/v1/files/f/hls/master.m3u8');
  });
  it('leads to the playlists of its tracks on the same route', async () => {
    expect((await read('master.m3u8')).split('\n')).toEqual([
      '#EXTM3U',
      '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="audio",URI="audio.index.m3u8"',
      '#EXT-X-STREAM-INF:BANDWIDTH=1,AUDIO="audio"',
      '480p.index.m3u8',
      '',
    ]);
  });
  it('opens segments by URLs of their own', async () => {
    expect((await read('480p.index.m3u8')).split('\n')).toEqual([
      '#EXTM3U',
      `#EXT-X-MAP:URI="https://media/${FOLDER}480p/init.mp4?signed"`,
      '#EXTINF:6,',
      `https://media/${FOLDER}480p/00000.ts?signed`,
      '',
    ]);
  });
  it.each([
    'other.m3u8',
    'master',
    '.m3u8',
    '..m3u8',
    '../master.m3u8',
    '480p/index.m3u8',
    'MASTER.m3u8',
    '480p.00000.ts',
  ])('%s is none', async (name) => {
    await expect(read(name)).rejects.toMatchObject({ code: 'playlist_not_found' });
  });
  it('is given out only of a file that is ready', async () => {
    for (const status of ['processing', 'rejected', 'failed'] as const) {
      await expect(read('master.m3u8', { ...item, status })).rejects.toMatchObject({
        code: 'playlist_not_found',
      });
    }
  });
  it.each(['up.m3u8', 'out.m3u8'])('signs nothing that is not its own: %s', async (name) => {
    await expect(read(name)).rejects.toThrow(TypeError);
  });
  it('that no answer could hold is refused', async () => {
    await expect(read('long.m3u8')).rejects.toMatchObject({ code: 'playlist_too_long' });
  });
});
