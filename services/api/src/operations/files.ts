import type { Operations } from '@millrace/middleware/http';
import { deleteFile } from '../domain/files/delete-file.ts';
import { fileOf, presentFile } from '../domain/files/file-resource.ts';
import { readPlaylist } from '../domain/files/playlist.ts';
import type { FileStore, Media, Playlists, Uploads } from '../domain/files/ports.ts';
import { pageOf, pageRequestOf } from '../domain/paging.ts';

export interface FileServices {
  readonly files: FileStore;
  readonly uploads: Uploads;
  readonly media: Media;
  readonly playlists: Playlists;
}

export function fileOperations({ files, uploads, media, playlists }: FileServices) {
  return {
    async listFiles({ caller: { tenant }, query }) {
      const { items, cursor } = pageOf(await files.list(tenant, pageRequestOf(query)), (item) =>
        presentFile(item, media),
      );
      return { body: { items: await Promise.all(items), ...(cursor !== undefined && { cursor }) } };
    },
    async getFile({ caller: { tenant }, params: { id } }) {
      return { body: await presentFile(await fileOf(files, tenant, id), media) };
    },
    async getPlaylist({ caller: { tenant }, params: { id, playlist } }) {
      const item = await fileOf(files, tenant, id);
      return { body: await readPlaylist(item, playlist, { media, playlists }) };
    },
    async deleteFile({ caller: { tenant }, params: { id } }) {
      await deleteFile({ tenant, fileId: id }, { files, uploads });
      return { body: undefined };
    },
  } satisfies Operations;
}
