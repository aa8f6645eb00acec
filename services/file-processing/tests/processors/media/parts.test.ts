import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ffmpegStudio } from '../../../src/adapters/ffmpeg-studio.ts';
import type { Final, Job, TaskMessage } from '../../../src/domain/processors/media/job.ts';
import { jobId, tasksOf } from '../../../src/domain/processors/media/job.ts';
import { planMedia } from '../../../src/domain/processors/media/plan.ts';
import type { Studio } from '../../../src/domain/processors/media/studio.ts';
import {
  type TaskPorts,
  type Worker,
  workOnTask,
} from '../../../src/domain/processors/media/work-on-task.ts';
import { memoryBench, memoryUpload } from '../../model/bench.ts';
import { brightness, type Clips, hasFfmpeg, openClips, probeBytes, sound } from './clips.ts';
import { memoryJobs } from './memory-jobs.ts';

const FRAMES = 150;
/** Every frame is of another brightness than those around it. */
const brightnessOf = (frame: number) => 40 + ((frame * 37) % 160);

let clips: Clips;
beforeAll(async () => {
  clips = await openClips();
  const frames = `color=s=64x64:r=30000/1001,geq=lum='40+mod(N*37\\,160)':cb=128:cr=128`;
  clips.make(
    'long.mp4',
    ...['-f', 'lavfi', '-i', frames, ...sound(5.005), '-frames:v', String(FRAMES)],
    ...['-c:v', 'libx264', '-crf', '10', '-bf', '2', '-g', '40', '-pix_fmt', 'yuv420p'],
    ...['-color_range', 'tv', '-c:a', 'aac'],
  );
});
afterAll(() => clips.close());

/** The clip cut into three parts, and invocations that work on them in memory. */
function stage() {
  let passed = 0;
  const { jobs, tasks, sent } = memoryJobs(() => Date.now() + passed);
  const upload = memoryUpload(readFileSync(clips.path('long.mp4')), { name: 'long.mp4' });
  const { bench, artefacts } = memoryBench();
  const transcoded: number[] = [];
  const verdicts: Final[] = [];
  const percents: number[] = [];
  let isThere = true;
  let whileTranscoding = () => {};
  const real = ffmpegStudio();
  const studio: Studio = {
    open: (signal, work) =>
      real.open(signal, (tools) =>
        work({
          ...tools,
          video: (source, plan, part) => {
            transcoded.push(part.index);
            const video = tools.video(source, plan, part);
            whileTranscoding();
            return video;
          },
        }),
      ),
  };
  const ports: TaskPorts = {
    ...{ studio, jobs, tasks },
    products: { store: (_file, _version, artefact) => bench.store(artefact) },
    uploads: { url: async () => clips.url('long.mp4'), isThere: async () => isThere },
    async *openStored(_version, name) {
      const bytes = artefacts.get(name);
      if (!bytes) throw new Error(`${name} has not been stored.`);
      yield bytes;
    },
    results: {
      progress: async (_file, _version, percent) => {
        percents.push(percent);
        return isThere;
      },
      finish: async (_file, _version, verdict) => void verdicts.push(verdict),
      withdraw: async () => artefacts.clear(),
    },
  };
  const whole = planMedia(
    'mp4',
    {
      ...{ startSeconds: 0, durationSeconds: 5.005 },
      video: {
        ...{ codec: 'h264', width: 64, height: 64, pixelAspect: 1, rotation: 0 },
        ...{ framesPerSecond: 30_000 / 1001, durationSeconds: 5.005 },
        ...{ isInterlaced: false, isHighDynamicRange: false },
      },
      audio: { codec: 'aac', channels: 1, samplesPerSecond: 44_100 },
    },
    5.005,
  );
  if (!whole.video) throw new Error('The plan has no video.');
  const short = { framesPerKeyframe: 15, framesPerSegment: 30, framesPerPart: 60 };
  const job: Job = {
    ...{ id: jobId(upload.file, upload.version), version: upload.version, demuxer: 'mov' },
    ...{ plan: { ...whole, video: { ...whole.video, ...short } }, posters: [] },
  };
  let messages = 0;
  const message = (task: TaskMessage['task']): TaskMessage => ({
    ...{ kind: 'media', version: job.version, job: job.id, task },
  });
  const worker = (id = `message-${++messages}`, signal = new AbortController().signal): Worker => ({
    ...{ id, signal, onBeat: () => {} },
  });
  return {
    ...{ ports, job, jobs, sent, artefacts, transcoded, verdicts, percents, worker, message },
    work: (task: TaskMessage['task'], by = worker()) => workOnTask(message(task), by, ports),
    replace: () => {
      isThere = false;
    },
    whileTranscoding: (act: () => void) => {
      whileTranscoding = act;
    },
    passSeconds: (seconds: number) => {
      passed += seconds * 1000;
    },
  };
}

describe.skipIf(!hasFfmpeg)('a long video', () => {
  let at: ReturnType<typeof stage>;
  beforeEach(async () => {
    at = stage();
    await at.jobs.begin(at.job);
  });

  async function joinAll(order = tasksOf(at.job)) {
    for (const task of order) expect(await at.work(task)).toBe('done');
    expect(at.sent).toEqual([at.message('join')]);
    expect(await at.work('join')).toBe('done');
  }

  it('in parts that are done in any order has every frame once, in its place', async () => {
    await joinAll(['video-2', 'audio', 'video-0', 'video-1']);
    writeFileSync(clips.path('joined.mp4'), at.artefacts.get('240p.mp4') ?? new Uint8Array());
    const shown = brightness(clips.path('joined.mp4'));
    expect(shown).toHaveLength(FRAMES);
    const wrong = shown.filter((value, frame) => {
      // gray has the full range, the clip that of television.
      const expected = ((brightnessOf(frame) - 16) * 255) / 219;
      return Math.abs(value - expected) > 6;
    });
    expect(wrong).toEqual([]);
    const { packets } = probeBytes(
      at.artefacts.get('240p.mp4') ?? new Uint8Array(),
      ...['-show_packets', '-select_streams', 'v'],
    );
    const times = packets.map((one: { pts_time: string }) => Number(one.pts_time));
    const steps = times
      .toSorted((a: number, b: number) => a - b)
      .map(
        (time: number, index: number, all: number[]) => time - (all[index - 1] ?? -1001 / 30_000),
      );
    for (const step of steps) expect(step).toBeCloseTo(1001 / 30_000, 3);
  });

  it('has a sound without a gap', async () => {
    await joinAll();
    const { packets } = probeBytes(
      at.artefacts.get('240p.mp4') ?? new Uint8Array(),
      ...['-show_packets', '-select_streams', 'a'],
    );
    const times = packets.map((one: { pts_time: string }) => Number(one.pts_time));
    for (let index = 1; index < times.length; index += 1) {
      expect(times[index] - times[index - 1]).toBeCloseTo(1024 / 44_100, 4);
    }
  });

  it('has playlists that name all its segments and how long they are', async () => {
    await joinAll();
    const playlist = new TextDecoder().decode(at.artefacts.get('hls/240p/index.m3u8'));
    const names = [...playlist.matchAll(/^\d+\.ts$/gm)].map(([name]) => name);
    expect(names).toEqual(['00000.ts', '00001.ts', '00002.ts', '00003.ts', '00004.ts']);
    for (const name of names) expect(at.artefacts.has(`hls/240p/${name}`)).toBe(true);
    const seconds = [...playlist.matchAll(/^#EXTINF:([\d.]+)/gm)].map(([, each]) => Number(each));
    expect(seconds.reduce((sum, each) => sum + each, 0)).toBeCloseTo(5.005, 4);
    expect(at.verdicts).toMatchObject([{ kind: 'processed', facts: { media: { format: 'mp4' } } }]);
  });

  it('is transcoded once however often its messages come', async () => {
    const messages = ['video-0', 'video-0', 'video-1', 'video-0', 'video-2', 'audio'] as const;
    await Promise.all(messages.map((task) => at.work(task)));
    for (const task of messages) expect(await at.work(task)).toBe('duplicate');
    expect(at.transcoded.toSorted()).toEqual([0, 1, 2]);
    expect(await at.work('join')).toBe('done');
    // Those that were doubled have asked for the join again.
    expect(at.sent.length).toBeGreaterThan(1);
    for (const { task } of at.sent) expect(await at.work(task)).toBe('superseded');
    expect(at.verdicts).toHaveLength(1);
  });

  it('of which a part was killed has that part alone done again', async () => {
    expect(await at.work('video-0')).toBe('done');
    const killed = new AbortController();
    const before = at.jobs.release;
    // A killed function releases nothing.
    at.jobs.release = async () => {};
    at.whileTranscoding(() => killed.abort(new Error('killed')));
    const dying = at.work('video-1', at.worker('killed', killed.signal));
    await expect(dying).rejects.toMatchObject({ code: 'media_out_of_time' });
    at.jobs.release = before;
    await expect(at.work('video-1', at.worker('killed'))).rejects.toMatchObject({
      code: 'task_busy',
    });
    at.passSeconds(31);
    expect(await at.work('video-1', at.worker('killed'))).toBe('done');
    expect(await at.work('video-2')).toBe('done');
    expect(await at.work('audio')).toBe('done');
    expect(at.transcoded.filter((part) => part === 0)).toEqual([0]);
    expect(at.sent).toEqual([at.message('join')]);
    expect(await at.work('join')).toBe('done');
    expect(at.percents).toEqual(at.percents.toSorted((a, b) => a - b));
  });

  it('is joined although who finished last died before it said so', async () => {
    const { send } = at.ports.tasks;
    at.ports.tasks.send = () => Promise.reject(new Error('killed'));
    for (const task of tasksOf(at.job).slice(0, -1)) expect(await at.work(task)).toBe('done');
    await expect(at.work('video-2', at.worker('last'))).rejects.toThrow('killed');
    at.ports.tasks.send = send;
    expect(await at.work('video-2', at.worker('last'))).toBe('duplicate');
    expect(at.sent).toEqual([at.message('join')]);
    expect(at.transcoded).toEqual([0, 1, 2]);
  });

  it('that is replaced midway leaves nothing', async () => {
    expect(await at.work('video-0')).toBe('done');
    at.replace();
    for (const task of ['video-1', 'video-2', 'audio', 'join'] as const) {
      expect(await at.work(task)).toBe('superseded');
    }
    expect(at.transcoded).toEqual([0]);
    expect([...at.artefacts.keys()]).toEqual([]);
    expect(at.verdicts).toEqual([]);
  });

  it('whose parts cannot all be decoded is rejected once', async () => {
    const whole = readFileSync(clips.path('long.mp4'));
    writeFileSync(clips.path('cut.mp4'), whole.subarray(0, whole.length / 2));
    at.ports.uploads.url = async () => clips.url('cut.mp4');
    expect(await at.work('video-2')).toBe('rejected');
    expect(await at.work('video-1')).toBe('superseded');
    expect(at.verdicts).toMatchObject([{ kind: 'rejected', reason: { code: 'corrupt_media' } }]);
  });
});
