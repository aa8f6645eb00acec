import { type FileItem, ProblemError } from '@millrace/types';
import type { Media, Playlists } from './ports.ts';

const PLAYLIST = 'application/vnd.apple.mpegurl';

/** Names of ours only: nothing that leads up, out or to another host. */
const NAME = /^[a-z0-9-]+$/;
const PATH = /^(?:[a-z0-9-]+\/)*[a-z0-9-]+\.[a-z0-9]+$/;
/** A URI that stands in a tag: of an audio track, an initialisation section, a key. */
const ATTRIBUTE = /(?<=[:,]URI=")[^"]*(?=")/g;

/** An answer of Lambda holds 6 MB; a presigned URL has about 1.4 kB. */
const MOST_BYTES = 5 * 1024 ** 2;

/**
 * Where players get a playlist: a presigned URL of it would not open what it refers to, so it is the
 * API that gives it out, with the references signed. Undefined of any other rendition.
 */
export function playlistPath(
  fileId: string,
  { contentType, key }: { readonly contentType: string; readonly key: string },
): string | undefined {
  if (contentType !== PLAYLIST) return undefined;
  return `/v1/files/${fileId}/hls/${key.slice(key.lastIndexOf('/') + 1)}`;
}

/**
 * The playlist of a file that is ready. It refers to segments by URLs that are good for an hour, and
 * to other playlists as neighbours on this route: `audio/index.m3u8` is `audio.index.m3u8`.
 *
 * @throws ProblemError playlist_not_found, playlist_too_long
 */
export async function readPlaylist(
  item: FileItem,
  name: string,
  { media, playlists }: { readonly media: Media; readonly playlists: Playlists },
): Promise<string> {
  const stored = item.status === 'ready' ? (item.renditions ?? []) : [];
  const master = stored.find(({ contentType }) => contentType === PLAYLIST);
  const path = pathOf(name);
  if (master === undefined || path === undefined) throw notThere();
  const { bucket, key } = master;
  const folder = key.slice(0, key.lastIndexOf('/') + 1);
  const text = await playlists.read({ bucket, key: folder + path });
  if (text === undefined) throw notThere();
  const from = path.slice(0, path.lastIndexOf('/') + 1);
  const linked = await linkAll(text, (uri) => {
    const target = from + uri;
    if (!PATH.test(target)) throw new TypeError('A playlist refers to what is not its file’s.');
    if (target.endsWith('.m3u8')) return Promise.resolve(target.replaceAll('/', '.'));
    return media.signGet({ bucket, key: folder + target });
  });
  if (linked.length > MOST_BYTES) {
    throw new ProblemError(
      'playlist_too_long',
      'The video is too long to be streamed from here; take its MP4 rendition.',
    );
  }
  return linked;
}

function pathOf(name: string): string | undefined {
  const parts = name.split('.');
  const isPlaylist = parts.pop() === 'm3u8' && parts.length > 0;
  return isPlaylist && parts.every((part) => NAME.test(part))
    ? `${parts.join('/')}.m3u8`
    : undefined;
}

/** https://www.rfc-editor.org/rfc/rfc8216#section-4.1 */
async function linkAll(text: string, link: (uri: string) => Promise<string>): Promise<string> {
  const lines = await Promise.all(
    text.split('\n').map(async (line) => {
      if (line === '') return line;
      if (!line.startsWith('#')) return link(line);
      const links = await Promise.all((line.match(ATTRIBUTE) ?? []).map(link));
      return line.replace(ATTRIBUTE, () => links.shift() ?? '');
    }),
  );
  return lines.join('\n');
}

function notThere(): ProblemError {
  return new ProblemError(
    'playlist_not_found',
    'The file has no such playlist; GET /files/{id} shows its renditions.',
  );
}
