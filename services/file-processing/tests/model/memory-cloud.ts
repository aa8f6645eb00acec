import { createHash } from 'node:crypto';
import { PermanentError } from '@millrace/middleware';
import { comparableSequencer, type FileItem } from '@millrace/types';
import type { FileIdentity } from '../../src/domain/file-identity.ts';
import type { ObjectChange, UploadedVersion } from '../../src/domain/object-change.ts';
import type { FileRecords } from '../../src/domain/ports.ts';
import type { UploadProcessing } from '../../src/domain/process-upload.ts';
import { processors } from '../../src/domain/processors/index.ts';
import type { Processor } from '../../src/domain/processors/processor.ts';

/** Passes every request to a store; a test may delay it, refuse it or lose its answer. */
export type Wire = <T>(name: string, request: () => T) => Promise<T>;
const direct: Wire = async (_name, request) => request();

/** The records in memory, held to the same contract as the table. */
export function memoryFileRecords(wire: Wire = direct) {
  const items = new Map<string, FileItem>();
  const removals = new Map<string, string>();
  const id = ({ tenant, fileId }: FileIdentity) => `${tenant}/${fileId}`;

  function claim(file: FileIdentity, version: UploadedVersion): ReturnType<FileRecords['claim']> {
    const seen = items.get(id(file));
    if (seen && seen.key !== version.key) throw new PermanentError('file_id_taken', 'taken');
    const order = seen?.sequencer ?? '';
    if (order > version.order) return Promise.resolve({ kind: 'superseded' });
    const replaces = seen?.replaced === true || (order !== '' && order < version.order);
    if (order === version.order && seen?.status !== 'processing') {
      return Promise.resolve({ kind: 'finished', replaces });
    }
    if ((removals.get(version.key) ?? '') >= version.order) {
      return Promise.resolve({ kind: 'superseded' });
    }
    const { bucket, key, eTag, size, happenedAt } = version;
    items.set(id(file), {
      ...{ tenant: file.tenant, fileId: file.fileId, bucket, key, eTag, size },
      name: seen?.name ?? file.name,
      createdAt: seen?.createdAt ?? happenedAt,
      ...(seen?.declaredType !== undefined && order === '' && { declaredType: seen.declaredType }),
      ...(replaces && { replaced: true }),
      ...{ updatedAt: happenedAt, status: 'processing', sequencer: version.order },
    });
    return Promise.resolve({ kind: 'claimed', replaces });
  }

  const records: FileRecords = {
    claim: async (file, version) => await wire('claim', () => claim(file, version)),
    complete: (file, version, { declaredType, ...verdict }) =>
      wire('complete', () => {
        const item = items.get(id(file));
        if (item?.sequencer !== version.order) return false;
        if (item.status !== 'processing') return true;
        items.set(id(file), { ...(declaredType && { declaredType }), ...item, ...verdict });
        return true;
      }),
    remove: (file, removal) =>
      wire('remove', () => {
        const known = removals.get(removal.key) ?? '';
        if (known < removal.order) removals.set(removal.key, removal.order);
        const item = items.get(id(file));
        if (item && item.key !== removal.key) return false;
        if (item && (item.sequencer ?? '') < removal.order) items.delete(id(file));
        return true;
      }),
  };
  return { records, items };
}

/** A bucket of uploads with the events of its changes, and all that is made of them, in memory. */
export function memoryCloud(wire: Wire = direct, kinds: readonly Processor[] = processors) {
  const files = memoryFileRecords(wire);
  const uploads = new Map<string, { bytes: Uint8Array; eTag: string }>();
  const media = new Map<string, Uint8Array>();
  let sequence = 0x55aed6;

  const at = (file: FileIdentity, { sequencer }: ObjectChange, name: string) =>
    `${file.tenant}/${file.fileId}/${sequencer}/${name}`;
  const isThere = ({ key, eTag }: UploadedVersion) => uploads.get(key)?.eTag === eTag;

  /** Sequencers of different lengths, as S3 has them. */
  function change(key: string): ObjectChange {
    sequence += 1;
    const sequencer = sequence.toString(16).toUpperCase() + (sequence % 2 ? 'A5' : '');
    const order = comparableSequencer(sequencer);
    return { bucket: 'uploads', key, happenedAt: '2026-11-23T09:00:00.000Z', sequencer, order };
  }

  const ports: UploadProcessing = {
    files: files.records,
    processors: kinds,
    uploads: {
      open: (version) =>
        wire('open', () => {
          const object = uploads.get(version.key);
          if (!object || !isThere(version)) return undefined;
          const body = (async function* () {
            yield object.bytes;
          })();
          return { contentType: 'image/jpeg', size: object.bytes.length, body };
        }),
    },
    media: {
      store: (file, version, { bytes, extension, ...rendition }) =>
        wire('store', () => {
          const key = at(file, version, `${rendition.name}.${extension}`);
          media.set(key, bytes);
          return { ...rendition, bucket: 'media', key, size: bytes.length };
        }),
    },
    quarantine: {
      keep: (file, version) =>
        wire('keep', () => {
          const object = uploads.get(version.key);
          if (!object || !isThere(version)) return false;
          media.set(at(file, version, 'original'), object.bytes);
          return true;
        }),
    },
    derivatives: {
      remove: (file, matches) =>
        wire('remove derived', () => {
          for (const key of media.keys()) {
            const [tenant, fileId, sequencer = ''] = key.split('/');
            const isOfFile = tenant === file.tenant && fileId === file.fileId;
            if (isOfFile && matches(comparableSequencer(sequencer))) media.delete(key);
          }
        }),
    },
  };
  return {
    ports,
    media,
    items: files.items,
    put(key: string, bytes: Uint8Array): UploadedVersion {
      const eTag = createHash('md5').update(bytes).digest('hex');
      uploads.set(key, { bytes, eTag });
      return { ...change(key), eTag, size: bytes.length };
    },
    delete(key: string): ObjectChange {
      uploads.delete(key);
      return change(key);
    },
  };
}
