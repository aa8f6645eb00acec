import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { PermanentError, TransientError } from '@millrace/middleware';
import type { SearchIndex, Subject } from '@millrace/search-index';
import { comparableSequencer, type FileItem } from '@millrace/types';
import type { FileIdentity } from '../../src/domain/file-identity.ts';
import type { ObjectChange, UploadedVersion } from '../../src/domain/object-change.ts';
import type {
  Beginning,
  Claim,
  Derivatives,
  FileRecords,
  Products,
  Quarantine,
  Uploads,
  Work,
  WorkQueues,
} from '../../src/domain/ports.ts';

/** Passes every request to a store; a test may delay it, refuse it or lose its answer. */
export type Wire = <T>(name: string, request: () => T) => Promise<T>;
const direct: Wire = async (_name, request) => request();

/** The records in memory, held to the same contract as the table. */
export function memoryFileRecords(wire: Wire = direct, now: () => number = Date.now) {
  const items = new Map<string, FileItem>();
  const removals = new Map<string, string>();
  const id = ({ tenant, fileId }: Subject) => `${tenant}/${fileId}`;
  const ofVersion = (file: FileIdentity, version: ObjectChange) => {
    const item = items.get(id(file));
    return item?.sequencer === version.order ? item : undefined;
  };
  const isOpen = ({ status }: FileItem) => status === 'processing' || status === 'failed';

  function claim(file: FileIdentity, version: UploadedVersion): Claim {
    const seen = items.get(id(file));
    if (seen && seen.key !== version.key) throw new PermanentError('file_id_taken', 'taken');
    const order = seen?.sequencer ?? '';
    if (order > version.order) return { kind: 'superseded' };
    const replaces = seen?.replaced === true || (order !== '' && order < version.order);
    if (order === version.order && seen?.status !== 'processing') {
      return { kind: 'finished', replaces };
    }
    if (order === version.order && seen?.progress?.stage !== 'validating') {
      return { kind: 'claimed', replaces, isQueued: true };
    }
    if ((removals.get(version.key) ?? '') >= version.order) return { kind: 'superseded' };
    const { bucket, key, eTag, size, happenedAt } = version;
    items.set(id(file), {
      ...{ tenant: file.tenant, fileId: file.fileId, bucket, key, eTag, size },
      name: seen?.name ?? file.name,
      createdAt: seen?.createdAt ?? happenedAt,
      ...(seen?.declaredType !== undefined && order === '' && { declaredType: seen.declaredType }),
      ...(replaces && { replaced: true }),
      ...{ updatedAt: happenedAt, status: 'processing', sequencer: version.order },
      version: version.sequencer,
      progress: { stage: 'validating' },
    });
    return { kind: 'claimed', replaces, isQueued: false };
  }

  const records: FileRecords = {
    claim: (file, version) => wire('claim', () => claim(file, version)),
    queue: (file, version, types) =>
      wire('queue', () => {
        const item = ofVersion(file, version);
        if (item?.status !== 'processing' || item.leaseUntil !== undefined) return;
        items.set(id(file), { ...types, ...item, progress: { stage: 'queued' } });
      }),
    begin: (file, version, { worker, until }, { types = {}, again = false, seenAt } = {}) =>
      wire('begin', (): Beginning => {
        const item = ofVersion(file, version);
        if (!item) return { kind: 'superseded' };
        if (!again && !isOpen(item)) {
          return { kind: 'finished', replaces: item.replaced === true };
        }
        if (again && seenAt !== undefined && item.updatedAt !== seenAt) {
          return { kind: 'finished', replaces: item.replaced === true };
        }
        if (item.leaseUntil !== undefined && item.leaseUntil >= now())
          return { kind: 'busy', worker: item.worker ?? '' };
        const { reason: _, ...rest } = item;
        const begun = { status: 'processing', progress: { stage: 'processing', percent: 0 } };
        const state = again ? item : ({ ...rest, ...begun } as FileItem);
        items.set(id(file), { ...types, ...state, worker, leaseUntil: until });
        return { kind: 'begun', replaces: item.replaced === true };
      }),
    renew: (file, version, { worker, until }, percent) =>
      wire('renew', () => {
        const item = ofVersion(file, version);
        if (item?.worker !== worker) return item ? 'lost' : 'superseded';
        const progress = { stage: 'processing' as const, percent };
        items.set(id(file), { ...item, leaseUntil: until, progress });
        return 'held';
      }),
    complete: (file, version, { declaredType, ...verdict }, { again = false } = {}) =>
      wire('complete', () => {
        const item = ofVersion(file, version);
        if (!item) return false;
        if (!again && !isOpen(item)) return true;
        const { tenant, fileId, name, bucket, key, createdAt } = item;
        const updatedAt = new Date(now()).toISOString();
        const { size = 0, eTag = '', sequencer = '', version: given = '', replaced } = item;
        const { kind, detectedType, typeMismatch } = item;
        const told = item.declaredType ?? declaredType;
        items.set(id(file), {
          ...{ tenant, fileId, name, bucket, key, createdAt, updatedAt, size, eTag, sequencer },
          version: given,
          ...(replaced && { replaced }),
          ...(kind !== undefined && { kind }),
          ...(detectedType !== undefined && { detectedType }),
          ...(typeMismatch && { typeMismatch }),
          ...(told !== undefined && { declaredType: told }),
          ...verdict,
        });
        return true;
      }),
    fail: (file, version, reason) =>
      wire('fail', () => {
        const item = ofVersion(file, version);
        if (item?.status !== 'processing') return;
        if ((item.leaseUntil ?? 0) >= now()) throw new TransientError('upload_in_work', 'in work');
        const { progress: _, worker: __, leaseUntil: ___, ...rest } = item;
        items.set(id(file), { ...rest, status: 'failed', reason });
      }),
    remove: (file, removal) =>
      wire('remove', () => {
        const remembered = removals.get(removal.key) ?? '';
        if (remembered < removal.order) removals.set(removal.key, removal.order);
        const item = items.get(id(file));
        if (item && item.key !== removal.key) return false;
        if (item && (item.sequencer ?? '') < removal.order) items.delete(id(file));
        return true;
      }),
  };
  return { records, items };
}

/** A bucket of uploads with the events of its changes, and all that is made of them, in memory. */
export function memoryCloud(wire: Wire = direct, now: () => number = Date.now) {
  const files = memoryFileRecords(wire, now);
  const uploads = new Map<string, { bytes: Uint8Array; eTag: string }>();
  const media = new Map<string, Uint8Array>();
  const queued: { readonly messageId: string; readonly work: Work }[] = [];
  let sequence = 0x55aed6;
  let messages = 0;

  const at = (file: Subject, { sequencer }: Pick<ObjectChange, 'sequencer'>, name: string) =>
    `${file.tenant}/${file.fileId}/${sequencer}/${name}`;
  const isThere = ({ key, eTag }: UploadedVersion) => uploads.get(key)?.eTag === eTag;

  /** Sequencers of different lengths, as S3 has them. */
  function change(key: string): ObjectChange {
    sequence += 1;
    const sequencer = sequence.toString(16).toUpperCase() + (sequence % 2 ? 'A5' : '');
    const order = comparableSequencer(sequencer);
    return { bucket: 'uploads', key, happenedAt: '2026-11-23T09:00:00.000Z', sequencer, order };
  }

  const ports: {
    readonly files: FileRecords;
    readonly uploads: Uploads;
    readonly products: Products;
    readonly quarantine: Quarantine;
    readonly derivatives: Derivatives;
    readonly search: SearchIndex;
    readonly work: WorkQueues;
  } = {
    search: {
      put: (file, version, { name }) =>
        wire('find', () => void media.set(at(file, version, 'search'), Buffer.from(name))),
      remove: (file, matches) => ports.derivatives.remove({ ...file, name: '' }, matches),
    },
    files: files.records,
    uploads: {
      open: (version, { from, to } = { from: 0, to: version.size }) =>
        wire('open', () => {
          const object = uploads.get(version.key);
          if (!object || !isThere(version)) return undefined;
          const body = (async function* () {
            yield object.bytes.subarray(from, to + 1);
          })();
          return { contentType: 'image/jpeg', body };
        }),
      isThere: (version) => wire('is there', () => isThere(version)),
      url: () => Promise.reject(new Error('Memory has no URLs.')),
    },
    products: {
      async store(file, version, { body, extension, ...artefact }) {
        const bytes = body instanceof Uint8Array ? body : await buffer(body);
        return await wire('store', () => {
          const key = at(file, version, `${artefact.name}.${extension}`);
          media.set(key, bytes);
          return { ...artefact, bucket: 'media', key, size: bytes.length };
        });
      },
      async collect(file, version, { table, body }) {
        const bytes = await buffer(body);
        return await wire('collect', () => {
          const key = at(file, version, `lake/${table}.parquet`);
          media.set(key, bytes);
          const contentType = 'application/vnd.apache.parquet';
          return { name: 'rows', bucket: 'lake', key, contentType, size: bytes.length };
        });
      },
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
      prune: (file, version, kept) =>
        wire('prune', () => {
          const below = at(file, version, '');
          for (const key of media.keys()) {
            const isKept = kept.has(key) || key.endsWith('/search');
            if (key.startsWith(below) && !isKept) media.delete(key);
          }
        }),
      remove: (file, matches) =>
        wire('remove derived', () => {
          for (const key of media.keys()) {
            const [tenant, fileId, sequencer = ''] = key.split('/');
            const isOfFile = tenant === file.tenant && fileId === file.fileId;
            if (isOfFile && matches(comparableSequencer(sequencer))) media.delete(key);
          }
        }),
    },
    work: {
      send: (work) =>
        wire('send', () => {
          messages += 1;
          queued.push({ messageId: `message-${messages}`, work });
        }),
    },
  };
  return {
    ports,
    media,
    queued,
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
