import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Job, Jobs } from '../../../src/domain/processors/media/job.ts';

const outcome = { rungs: { '240p': [1, 2, 3] } };
const later = (ms: number) => Date.now() + ms;

/** What both the table and its model keep to. */
export function jobsContract(jobs: () => Jobs): void {
  const job = (plan = 'first'): Job => ({
    ...{ id: `acme#${randomUUID()}#1#1`, demuxer: plan, posters: [] },
    version: {
      ...{ bucket: 'uploads', key: 'a.mp4', happenedAt: '2026-11-24T09:00:00.000Z' },
      ...{ sequencer: '1', order: '1', eTag: 'e', size: 1 },
    },
    plan: {
      facts: { format: 'mp4', durationSeconds: 1 },
      video: {
        ...{ rate: { frames: 25, seconds: 1 }, frames: 25, rungs: [] },
        ...{ framesPerKeyframe: 50, framesPerSegment: 150, framesPerPart: 150 },
        ...{ isInterlaced: false, isHighDynamicRange: false },
      },
    },
  });

  describe('jobs', () => {
    it('are kept as they were begun first', async () => {
      const first = job();
      await jobs().begin(first);
      await jobs().begin({ ...first, demuxer: 'second' });
      expect(await jobs().find(first.id)).toEqual(first);
      expect(await jobs().find('another')).toBeUndefined();
    });

    it('give a task to one worker until his lease has run out', async () => {
      const { id } = job();
      const until = later(60_000);
      const leasings = await Promise.all(
        ['a', 'b', 'c'].map((worker) => jobs().lease(id, 'video-0', { worker, until })),
      );
      expect(leasings.filter(({ kind }) => kind === 'leased')).toHaveLength(1);
      expect(leasings.filter(({ kind }) => kind === 'busy')).toHaveLength(2);
      const worker = ['a', 'b', 'c'][leasings.findIndex(({ kind }) => kind === 'leased')] ?? '';
      expect(await jobs().renew(id, 'video-0', { worker, until: later(-1) })).toBe(true);
      expect(await jobs().lease(id, 'video-0', { worker: 'd', until })).toEqual({ kind: 'leased' });
      expect(await jobs().renew(id, 'video-0', { worker, until })).toBe(false);
      expect(await jobs().finish(id, 'video-0', worker, outcome)).toBe(false);
    });

    it('keep what a task came to, and never give it out again', async () => {
      const { id } = job();
      await jobs().lease(id, 'video-11', { worker: 'a', until: later(60_000) });
      expect(await jobs().finish(id, 'video-11', 'a', outcome)).toBe(true);
      expect(await jobs().lease(id, 'video-11', { worker: 'b', until: later(60_000) })).toEqual({
        kind: 'done',
      });
      expect(await jobs().finish(id, 'video-11', 'a', { rungs: {} })).toBe(false);
      expect(await jobs().outcomes(id)).toEqual(new Map([['video-11', outcome]]));
    });

    it('give a released task to the next', async () => {
      const { id } = job();
      await jobs().lease(id, 'audio', { worker: 'a', until: later(60_000) });
      await jobs().release(id, 'audio', 'another');
      const lease = { worker: 'b', until: later(60_000) };
      expect(await jobs().lease(id, 'audio', lease)).toEqual({ kind: 'busy', worker: 'a' });
      await jobs().release(id, 'audio', 'a');
      expect(await jobs().lease(id, 'audio', lease)).toEqual({ kind: 'leased' });
    });

    it('leave nothing when they end, and nobody can finish a task then', async () => {
      const ended = job();
      await jobs().begin(ended);
      await jobs().lease(ended.id, 'audio', { worker: 'a', until: later(60_000) });
      await jobs().lease(ended.id, 'video-0', { worker: 'b', until: later(60_000) });
      await jobs().finish(ended.id, 'video-0', 'b', outcome);
      await jobs().end(ended.id);
      expect(await jobs().find(ended.id)).toBeUndefined();
      expect(await jobs().outcomes(ended.id)).toEqual(new Map());
      expect(await jobs().finish(ended.id, 'audio', 'a', outcome)).toBe(false);
      expect(await jobs().renew(ended.id, 'audio', { worker: 'a', until: 0 })).toBe(false);
    });
  });
}
