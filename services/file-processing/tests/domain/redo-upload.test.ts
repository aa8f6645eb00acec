import { buffer } from 'node:stream/consumers';
import type { FileItem } from '@millrace/types';
import { beforeEach, describe, expect, it } from 'vitest';
import { fileIdentity } from '../../src/domain/file-identity.ts';
import type { Kind } from '../../src/domain/kind.ts';
import type { Processor } from '../../src/domain/processor.ts';
import { findToRedo, lookAfter, redoUpload } from '../../src/domain/redo-upload.ts';
import { routeUpload } from '../../src/domain/route-upload.ts';
import { workOnUpload } from '../../src/domain/work-on-upload.ts';
import { memoryCloud } from '../model/memory-cloud.ts';
import { noise } from '../model/pictures.ts';

const KEY = 'photos/cat.jpg';
const FILE = fileIdentity('uploads', KEY);

let cloud: ReturnType<typeof memoryCloud>;
let time: number;
let processed: number;
beforeEach(async () => {
  time = Date.parse('2026-11-24T09:00:00Z');
  processed = 0;
  cloud = memoryCloud(undefined, () => time);
  await routeUpload(cloud.put(KEY, await noise(12, 8)), redoing(pictures(1)));
  await work(pictures(1));
});

const pictures = (version: number): Kind => ({
  ...{ name: 'image', version, accepts: 'pictures', maxBytes: 1024 ** 2 },
  recognize: ({ signature }) => (signature === 'image/jpeg' ? signature : undefined),
});

const catalogue = {
  find: async () => item(),
  page: async (prefix: string) => ({
    items: [...cloud.items.values()].filter(({ key }) => key.startsWith(prefix)),
  }),
};
const redoing = (kind: Kind) => ({ ...cloud.ports, catalogue, kinds: [kind] });

/** Its result tells which version of the processor made it. */
const processorOf = ({ version }: Kind): Processor => ({
  async process(upload, bench) {
    processed += 1;
    await buffer(upload.read());
    const rendition = { name: 'w200', extension: 'webp', contentType: 'image/webp' };
    const stored = await bench.store({ ...rendition, body: Buffer.from(`version ${version}`) });
    return {
      kind: 'processed',
      facts: { image: { format: 'jpeg', width: 12, height: 8 } },
      renditions: [stored],
    };
  },
});

/** Does all the work that is queued; every message comes twice, the second time at the end. */
async function work(kind: Kind): Promise<string[]> {
  const messages = cloud.queued.splice(0);
  const outcomes: string[] = [];
  for (const { messageId, work: one } of [...messages, ...messages]) {
    time += 1000;
    const shift = {
      worker: messageId,
      onBeat: () => {},
      deadline: new AbortController().signal,
      now: () => time,
    };
    outcomes.push(
      await workOnUpload(one, shift, {
        ...cloud.ports,
        ...{ kind, processor: processorOf(kind), unscannable: 'reject' as const },
        scanner: { scan: async () => ({ kind: 'clean' as const }) },
      }),
    );
  }
  return outcomes;
}

const item = () => [...cloud.items.values()][0];
const found = async (kind: Kind, more: object = {}) =>
  (await findToRedo({ prefix: 'photos/', scope: 'outdated', ...more }, redoing(kind))).files;
const made = () => {
  const { sequencer, renditions = [] } = item() as FileItem;
  return { sequencer, made: renditions.map(({ key }) => String(cloud.media.get(key))) };
};

describe('files to do again are', () => {
  it('those of an older processor', async () => {
    expect(await found(pictures(1))).toEqual([]);
    const seen = { key: KEY, kind: 'image', processorVersion: 1, status: 'ready' };
    expect(await found(pictures(2))).toMatchObject([{ ...seen, ...FILE_ID }]);
  });
  it('all of them where that is wanted, of one kind where that is', async () => {
    expect(await found(pictures(1), { scope: 'all' })).toHaveLength(1);
    expect(await found(pictures(1), { scope: 'all', kind: 'image' })).toHaveLength(1);
    await expect(found(pictures(1), { kind: 'images' })).rejects.toThrow('Known are: image.');
    expect(await found(pictures(2), { scope: 'failed' })).toEqual([]);
    expect(await found(pictures(2), { prefix: 'other/' })).toEqual([]);
  });
  it('those that failed, whatever is wanted, and none that is being processed', async () => {
    const known = item() as FileItem;
    const id = `${FILE.tenant}/${FILE.fileId}`;
    for (const status of ['failed', 'processing', 'awaiting-upload'] as const) {
      cloud.items.set(id, { ...known, status });
      for (const scope of ['outdated', 'failed', 'all']) {
        expect(await found(pictures(1), { scope })).toHaveLength(status === 'failed' ? 1 : 0);
      }
    }
  });
});

const FILE_ID = { tenant: FILE.tenant, fileId: FILE.fileId };

describe('a file that is done again', () => {
  it('shows its old result until the new one is there, in the same version and place', async () => {
    const before = made();
    const [seen] = await found(pictures(2));
    if (!seen) throw new Error('one file');
    expect(await redoUpload(seen, redoing(pictures(2)))).toBe('queued');
    expect(item()).toMatchObject({ status: 'ready', processorVersion: 1 });
    expect(await lookAfter(seen, { catalogue })).toBe('waiting');
    expect(await work(pictures(2))).toEqual(['ready', 'duplicate']);
    expect(item()).toMatchObject({ status: 'ready', processorVersion: 2 });
    expect(await lookAfter(seen, { catalogue })).toBe('ready');
    expect(made()).toEqual({ ...before, made: ['version 2'] });
    expect([...cloud.media.keys()].filter((key) => key.endsWith('.webp'))).toHaveLength(1);
  });

  it('has nothing left of what its processor makes no more', async () => {
    const former = made().made;
    const old = `${FILE.tenant}/${FILE.fileId}/${item()?.version}/w4000.webp`;
    cloud.media.set(old, Buffer.from('of an older ladder'));
    const [seen] = await found(pictures(2));
    if (!seen) throw new Error('one file');
    await redoUpload(seen, redoing(pictures(2)));
    await work(pictures(2));
    expect(cloud.media.has(old)).toBe(false);
    expect(made().made).not.toEqual(former);
  });

  it('is done once, however often it is asked for', async () => {
    const [seen] = await found(pictures(2));
    if (!seen) throw new Error('one file');
    for (const _ of [1, 2, 3]) {
      expect(await redoUpload(seen, redoing(pictures(2)))).toBe('queued');
    }
    const outcomes = await work(pictures(2));
    expect(outcomes.filter((outcome) => outcome === 'ready')).toHaveLength(1);
    expect(processed).toBe(2);
    expect(await redoUpload(seen, redoing(pictures(2)))).toBe('changed');
    expect(await found(pictures(2))).toEqual([]);
  });

  it('is left alone when it was replaced meanwhile', async () => {
    const [seen] = await found(pictures(2));
    if (!seen) throw new Error('one file');
    await redoUpload(seen, redoing(pictures(2)));
    await routeUpload(cloud.put(KEY, await noise(9, 9)), redoing(pictures(2)));
    const outcomes = await work(pictures(2));
    expect(outcomes.filter((outcome) => outcome === 'ready')).toHaveLength(1);
    expect(await lookAfter(seen, { catalogue })).toBe('gone');
    expect(await redoUpload(seen, redoing(pictures(2)))).toBe('changed');
  });

  it('that is of no known kind any more is rejected, and nothing of it is left', async () => {
    const [seen] = await found(pictures(2));
    if (!seen) throw new Error('one file');
    const blind: Kind = { ...pictures(2), recognize: () => undefined };
    expect(await redoUpload(seen, redoing(blind))).toBe('rejected');
    expect(item()).toMatchObject({ status: 'rejected', reason: { code: 'unsupported_type' } });
    expect(item()?.renditions).toBeUndefined();
    expect([...cloud.media.keys()].filter((key) => key.endsWith('.webp'))).toEqual([]);
  });

  it('after it failed is processed like a new one', async () => {
    const known = item() as FileItem;
    const { renditions: _, processorVersion: __, ...rest } = known;
    const id = `${FILE.tenant}/${FILE.fileId}`;
    cloud.items.set(id, { ...rest, status: 'failed' });
    const [seen] = await found(pictures(1), { scope: 'failed' });
    if (!seen) throw new Error('one file');
    expect(await redoUpload(seen, redoing(pictures(1)))).toBe('queued');
    expect(await work(pictures(1))).toEqual(['ready', 'duplicate']);
    expect(made().made).toEqual(['version 1']);
  });

  it('whose record is older than the name of its version finds it in what was made', async () => {
    const { version: given, ...rest } = item() as FileItem;
    cloud.items.set(`${FILE.tenant}/${FILE.fileId}`, rest);
    const [seen] = await found(pictures(2));
    if (!seen) throw new Error('one file');
    await redoUpload(seen, redoing(pictures(2)));
    expect(cloud.queued[0]?.work.version.sequencer).toBe(given);
  });
});
