import { comparableSequencer } from '@millrace/types';
import { describe, expect, it } from 'vitest';
import { fileIdentity } from '../../src/domain/file-identity.ts';
import type { UploadedVersion } from '../../src/domain/object-change.ts';
import type { FileRecords, Lease, Verdict } from '../../src/domain/ports.ts';

const READY: Verdict = {
  status: 'ready',
  declaredType: 'image/jpeg',
  detectedType: 'image/jpeg',
  processorVersion: 1,
  image: { format: 'jpeg', width: 4, height: 3 },
  renditions: [],
};

const lease = (worker: string): Lease => ({ worker, until: Date.now() + 60_000 });

/** What the domain relies on; held by the memory of the tests and by the table. */
export function fileRecordsContract(records: () => FileRecords) {
  let count = 0;
  function upload() {
    count += 1;
    const key = `pictures/${count}.jpg`;
    const at = (sequencer: string): UploadedVersion => ({
      ...{ bucket: 'uploads', key, sequencer, eTag: `e${sequencer}`, size: 9 },
      order: comparableSequencer(sequencer),
      happenedAt: '2026-11-23T09:00:00.000Z',
    });
    return { file: fileIdentity('uploads', key), at };
  }

  describe('file records', () => {
    it('give a version to its attempts until its verdict is there', async () => {
      const { file, at } = upload();
      expect(await records().claim(file, at('0A'))).toEqual({
        kind: 'claimed',
        replaces: false,
        isQueued: false,
      });
      expect(await records().claim(file, at('0A'))).toEqual({
        kind: 'claimed',
        replaces: false,
        isQueued: false,
      });
      expect(await records().complete(file, at('0A'), READY)).toBe(true);
      expect(await records().claim(file, at('0A'))).toEqual({ kind: 'finished', replaces: false });
    });

    it('compare sequencers of different lengths as S3 says', async () => {
      const { file, at } = upload();
      await records().claim(file, at('0A1'));
      expect(await records().claim(file, at('0A'))).toEqual({ kind: 'superseded' });
      expect(await records().claim(file, at('0B'))).toEqual({
        kind: 'claimed',
        replaces: true,
        isQueued: false,
      });
    });

    it('take no verdict on a version that has been replaced', async () => {
      const { file, at } = upload();
      await records().claim(file, at('01'));
      await records().claim(file, at('02'));
      expect(await records().complete(file, at('01'), READY)).toBe(false);
      expect(await records().complete(file, at('02'), READY)).toBe(true);
      expect(await records().claim(file, at('02'))).toEqual({ kind: 'finished', replaces: true });
    });

    it('take the same verdict twice', async () => {
      const { file, at } = upload();
      await records().claim(file, at('01'));
      expect(await records().complete(file, at('01'), READY)).toBe(true);
      expect(await records().complete(file, at('01'), READY)).toBe(true);
    });

    it('bring nothing back after its removal, but take what is uploaded later', async () => {
      const { file, at } = upload();
      await records().claim(file, at('01'));
      expect(await records().remove(file, at('03'))).toBe(true);
      expect(await records().complete(file, at('01'), READY)).toBe(false);
      expect(await records().claim(file, at('02'))).toEqual({ kind: 'superseded' });
      expect(await records().remove(file, at('03'))).toBe(true);
      expect(await records().claim(file, at('04'))).toEqual({
        kind: 'claimed',
        replaces: false,
        isQueued: false,
      });
    });

    it('are not removed by the removal of an older version', async () => {
      const { file, at } = upload();
      await records().claim(file, at('05'));
      expect(await records().remove(file, at('04'))).toBe(true);
      expect(await records().complete(file, at('05'), READY)).toBe(true);
    });

    it('belong to one object', async () => {
      const { file, at } = upload();
      await records().claim(file, at('01'));
      const other = { ...at('02'), key: 'pictures/other.jpg' };
      await expect(records().claim(file, other)).rejects.toMatchObject({ code: 'file_id_taken' });
      expect(await records().remove(file, { ...at('03'), key: 'pictures/other2.jpg' })).toBe(false);
      expect(await records().complete(file, at('01'), READY)).toBe(true);
    });

    it('let one of many attempts of different versions win', async () => {
      const { file, at } = upload();
      const versions = ['01', '02', '03', '04'].map(at);
      await Promise.all(versions.map((version) => records().claim(file, version)));
      const verdicts = versions.map((version) => records().complete(file, version, READY));
      expect(await Promise.all(verdicts)).toEqual([false, false, false, true]);
    });

    it('tell a version whose work is queued or under way from one that is new', async () => {
      const { file, at } = upload();
      await records().claim(file, at('01'));
      await records().queue(file, at('01'), { kind: 'image', detectedType: 'image/jpeg' });
      const queued = { kind: 'claimed', replaces: false, isQueued: true };
      expect(await records().claim(file, at('01'))).toEqual(queued);
      expect(await records().begin(file, at('01'), lease('a'))).toMatchObject({ kind: 'begun' });
      expect(await records().claim(file, at('01'))).toEqual(queued);
    });

    it('give a lease to one worker at a time, and to the next when it has run out', async () => {
      const { file, at } = upload();
      await records().claim(file, at('01'));
      const both = ['a', 'b'].map((worker) => records().begin(file, at('01'), lease(worker)));
      const kinds = (await Promise.all(both)).map(({ kind }) => kind);
      expect(kinds.sort()).toEqual(['begun', 'busy']);

      const other = upload();
      await records().claim(other.file, other.at('01'));
      await records().begin(other.file, other.at('01'), { worker: 'a', until: Date.now() - 1 });
      expect(await records().begin(other.file, other.at('01'), lease('b'))).toMatchObject({
        kind: 'begun',
        replaces: false,
      });
      expect(await records().renew(other.file, other.at('01'), lease('a'), 50)).toBe('lost');
      expect(await records().renew(other.file, other.at('01'), lease('b'), 50)).toBe('held');
      await records().claim(other.file, other.at('02'));
      expect(await records().renew(other.file, other.at('01'), lease('b'), 60)).toBe('superseded');
    });

    it('are not failed while somebody works on them', async () => {
      const { file, at } = upload();
      const reason = { code: 'processing_failed', message: 'It failed.' };
      await records().claim(file, at('01'));
      await records().begin(file, at('01'), lease('a'));
      await expect(records().fail(file, at('01'), reason)).rejects.toMatchObject({
        code: 'upload_in_work',
      });
      await records().renew(file, at('01'), { worker: 'a', until: 0 }, 0);
      await records().fail(file, at('01'), reason);
      expect(await records().begin(file, at('01'), lease('b'))).toMatchObject({ kind: 'begun' });
    });

    it('begin no version that is finished or superseded, except to do it again', async () => {
      const { file, at } = upload();
      await records().claim(file, at('01'));
      await records().complete(file, at('01'), READY);
      expect(await records().begin(file, at('01'), lease('a'))).toEqual({
        kind: 'finished',
        replaces: false,
      });
      const again = { again: true };
      expect(await records().begin(file, at('01'), lease('a'), again)).toMatchObject({
        kind: 'begun',
      });
      const rejected: Verdict = {
        status: 'rejected',
        reason: { code: 'corrupt_image', message: 'It is damaged.' },
      };
      expect(await records().complete(file, at('01'), rejected, again)).toBe(true);
      await records().claim(file, at('02'));
      expect(await records().begin(file, at('01'), lease('b'))).toEqual({ kind: 'superseded' });
      expect(await records().begin(file, at('01'), lease('b'), again)).toEqual({
        kind: 'superseded',
      });
      expect(await records().complete(file, at('01'), READY, again)).toBe(false);
    });

    it('are done again only while they are as they were seen', async () => {
      const { file, at } = upload();
      await records().claim(file, at('01'));
      const again = { again: true, seenAt: at('01').happenedAt };
      expect(await records().begin(file, at('01'), lease('a'), again)).toMatchObject({
        kind: 'begun',
      });
      expect(await records().begin(file, at('01'), lease('b'), again)).toMatchObject({
        kind: 'busy',
      });
      await records().complete(file, at('01'), READY, again);
      expect(await records().begin(file, at('01'), lease('b'), again)).toEqual({
        kind: 'finished',
        replaces: false,
      });
    });

    it('are failed while there is no verdict, and begun again after that', async () => {
      const { file, at } = upload();
      const reason = { code: 'processing_failed', message: 'It failed.' };
      await records().claim(file, at('01'));
      await records().fail(file, at('01'), reason);
      expect(await records().claim(file, at('01'))).toMatchObject({ kind: 'finished' });
      expect(await records().begin(file, at('01'), lease('a'))).toMatchObject({ kind: 'begun' });
      expect(await records().complete(file, at('01'), READY)).toBe(true);
      await records().fail(file, at('01'), reason);
      expect(await records().begin(file, at('01'), lease('a'))).toMatchObject({
        kind: 'finished',
      });
    });
  });
}
