import type { OncePerKey, Operations } from '@millrace/middleware/http';
import { completeUpload } from '../domain/files/complete-upload.ts';
import { announceUpload, ticketFor } from '../domain/files/create-upload.ts';
import { presentFile } from '../domain/files/file-resource.ts';
import type { FileStore, Media, Uploads } from '../domain/files/ports.ts';
import { readUpload, signParts } from '../domain/files/resume-upload.ts';

export interface UploadServices {
  readonly files: FileStore;
  readonly uploads: Uploads;
  readonly media: Media;
  readonly once: OncePerKey;
}

export function uploadOperations({ files, uploads, media, once }: UploadServices) {
  return {
    async createUpload({ caller: { tenant }, body, idempotencyKey, invocation }) {
      const now = Date.now();
      const announce = () =>
        announceUpload(body, { tenant, idempotencyKey, now }, { files, uploads });
      // What is kept is the announcement: the URLs are signed anew, so that a repetition renews them.
      const { value, replayed } =
        idempotencyKey === undefined
          ? { value: await announce(), replayed: false }
          : await once.run(
              { tenant, operation: 'createUpload', key: idempotencyKey, payload: body, invocation },
              announce,
            );
      return {
        body: await ticketFor(value, body, { uploads, now }),
        headers: replayed ? { 'idempotency-replayed': 'true' } : {},
      };
    },
    async getUpload({ caller: { tenant }, params: { id } }) {
      return {
        body: await readUpload({ tenant, fileId: id, now: Date.now() }, { files, uploads }),
      };
    },
    async signParts({ caller: { tenant }, params: { id }, body }) {
      const asked = { tenant, fileId: id, now: Date.now(), parts: body.parts };
      return { body: await signParts(asked, { files, uploads }) };
    },
    async completeUpload({ caller: { tenant }, params: { id }, body }) {
      const item = await completeUpload(
        { tenant, fileId: id, parts: body.parts, checksum: body.checksum },
        { files, uploads },
      );
      return { body: await presentFile(item, media) };
    },
  } satisfies Operations;
}
