import { comparableSequencer } from '@millrace/types';
import { describe, expect, it } from 'vitest';
import { fileIdentity } from '../../src/domain/file-identity.ts';
import type { UploadedVersion } from '../../src/domain/object-change.ts';
import type { FileRecords, Verdict } from '../../src/domain/ports.ts';

const READY: Verdict = {
  status: 'ready',
  declaredType: 'image/jpeg',
  detectedType: 'image/jpeg',
  image: { format: 'jpeg', width: 4, height: 3 },
  renditions: [],
};

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
      expect(await records().claim(file, at('0A'))).toEqual({ kind: 'claimed', replaces: false });
      expect(await records().claim(file, at('0A'))).toEqual({ kind: 'claimed', replaces: false });
      expect(await records().complete(file, at('0A'), READY)).toBe(true);
      expect(await records().claim(file, at('0A'))).toEqual({ kind: 'finished', replaces: false });
    });

    it('compare sequencers of different lengths as S3 says', async () => {
      const { file, at } = upload();
      await records().claim(file, at('0A1'));
      expect(await records().claim(file, at('0A'))).toEqual({ kind: 'superseded' });
      expect(await records().claim(file, at('0B'))).toEqual({ kind: 'claimed', replaces: true });
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
      expect(await records().claim(file, at('04'))).toEqual({ kind: 'claimed', replaces: false });
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
  });
}
