import type { FileIdentity } from './file-identity.ts';
import type { UploadedVersion } from './object-change.ts';
import type { Uploads } from './ports.ts';
import { type ByteRange, type Upload, UploadGone } from './processor.ts';

/** A broken connection is no reason to begin a long file again. */
const MOST_BREAKS = 5;

export function readUpload(
  file: FileIdentity,
  version: UploadedVersion,
  mediaType: string,
  uploads: Uploads,
): Upload {
  return {
    ...{ file, version, mediaType, size: version.size },
    read: (range) => read(version, uploads, range),
    url: () => uploads.url(version),
  };
}

async function* read(
  version: UploadedVersion,
  uploads: Uploads,
  range: ByteRange = { from: 0, to: version.size - 1 },
): AsyncGenerator<Uint8Array, void, undefined> {
  let { from } = range;
  const to = Math.min(range.to, version.size - 1);
  for (let breaks = 0; from <= to; ) {
    try {
      const opened = await uploads.open(version, { from, to });
      if (!opened) throw new UploadGone();
      for await (const chunk of opened.body) {
        from += chunk.byteLength;
        yield chunk;
      }
      if (from <= to) throw new Error('The upload ended before its end.');
    } catch (error) {
      breaks += 1;
      if (error instanceof UploadGone || breaks > MOST_BREAKS) throw error;
    }
  }
}
