import { hash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import type { MediaFacts } from '@millrace/types';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ffmpegStudio } from '../../../src/adapters/ffmpeg-studio.ts';
import { mediaKind } from '../../../src/domain/processors/media/kind.ts';
import { mediaProcessor } from '../../../src/domain/processors/media/processor.ts';
import { memoryBench, memoryUpload } from '../../model/bench.ts';
import { type Clips, H264, hasFfmpeg, openClips, picture, probeBytes, sound } from './clips.ts';
import { memoryJobs } from './memory-jobs.ts';

let clips: Clips;
beforeAll(async () => {
  clips = await openClips();
});
afterAll(() => clips.close());

async function run(name: string) {
  const bytes = readFileSync(clips.path(name));
  const head = bytes.subarray(0, 65_536);
  const mediaType = mediaKind.recognize({ bytes: head, name, size: bytes.length });
  if (mediaType === undefined) throw new Error(`${name} is not recognised.`);
  const bench = memoryBench();
  const { jobs, tasks } = memoryJobs();
  const processor = mediaProcessor({ studio: ffmpegStudio(), jobs, tasks });
  const upload = memoryUpload(bytes, { name, mediaType, url: async () => clips.url(name) });
  const processed = await processor.process(upload, bench.bench);
  return { ...bench, processed, mediaType };
}

const textOf = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes);
const rejectedAs = (code: string) => ({ kind: 'rejected', reason: { code } });

describe.skipIf(!hasFfmpeg)('a short video', () => {
  it('becomes posters, MP4s and HLS with a master playlist', async () => {
    clips.make('a.mp4', ...picture(4, '640x360'), ...sound(4), ...H264, '-c:a', 'aac');
    const { processed, artefacts, percents } = await run('a.mp4');
    expect(processed).toMatchObject({
      kind: 'processed',
      facts: {
        media: {
          ...{ format: 'mp4', durationSeconds: 4 },
          video: { codec: 'h264', width: 640, height: 360, framesPerSecond: 25 },
          audio: { codec: 'aac', channels: 1, samplesPerSecond: 44_100 },
        } satisfies MediaFacts,
      },
    });
    expect(processed.kind === 'processed' && processed.renditions.map(({ key }) => key)).toEqual([
      ...['poster-1.jpg', 'poster-2.jpg', 'poster-3.jpg', '240p.mp4', '480p.mp4'],
      ...['hls/master.m3u8', 'audio.m4a'],
    ]);
    expect([...artefacts.keys()].filter((key) => key.startsWith('hls/')).toSorted()).toEqual([
      ...['hls/240p/00000.ts', 'hls/240p/index.m3u8', 'hls/480p/00000.ts', 'hls/480p/index.m3u8'],
      ...['hls/audio/00000.ts', 'hls/audio/index.m3u8', 'hls/master.m3u8'],
    ]);
    expect(percents).toEqual(percents.toSorted((a, b) => a - b));
    expect(textOf(artefacts.get('hls/master.m3u8')).replace(/BANDWIDTH=\d+/g, 'BANDWIDTH=n')).toBe(
      [
        ...['#EXTM3U', '#EXT-X-VERSION:6', '#EXT-X-INDEPENDENT-SEGMENTS'],
        '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="audio",DEFAULT=YES,AUTOSELECT=YES,URI="audio/index.m3u8"',
        '#EXT-X-STREAM-INF:BANDWIDTH=n,AVERAGE-BANDWIDTH=n,CODECS="avc1.64001e,mp4a.40.2",RESOLUTION=426x240,FRAME-RATE=25.000,AUDIO="audio"',
        '240p/index.m3u8',
        '#EXT-X-STREAM-INF:BANDWIDTH=n,AVERAGE-BANDWIDTH=n,CODECS="avc1.64001f,mp4a.40.2",RESOLUTION=640x360,FRAME-RATE=25.000,AUDIO="audio"',
        ...['480p/index.m3u8', ''],
      ].join('\n'),
    );
  });

  it('gives an MP4 of exactly its frames, with picture and sound from zero on, its index first', async () => {
    clips.make('b.mp4', ...picture(3), ...sound(3), ...H264, '-c:a', 'aac');
    const { artefacts } = await run('b.mp4');
    const mp4 = artefacts.get('240p.mp4') ?? new Uint8Array();
    expect(textOf(mp4).indexOf('moov')).toBeLessThan(textOf(mp4).indexOf('mdat'));
    writeFileSync(clips.path('b.out.mp4'), mp4);
    const { streams } = probeBytes(mp4, '-count_frames');
    expect(streams).toMatchObject([
      ...[{ codec_name: 'h264', profile: 'High', level: 30, nb_read_frames: '75' }],
      { codec_name: 'aac', channels: 1, sample_rate: '44100' },
    ]);
    for (const { start_time } of streams) expect(Math.abs(Number(start_time))).toBeLessThan(0.03);
  });

  it('gives the same bytes again, as every attempt must', async () => {
    clips.make('same.mp4', ...picture(2), ...sound(2), ...H264, '-c:a', 'aac');
    // Side by side: threads that race come out differently then.
    const attempts = await Promise.all(Array.from({ length: 6 }, () => run('same.mp4')));
    const hashes = attempts.map(({ artefacts }) =>
      [...artefacts].map(([name, bytes]) => `${name} ${hash('sha256', bytes)}`),
    );
    for (const each of hashes) expect(each).toEqual(hashes[0]);
  });

  it('that was filmed upright stays upright, and says nothing of who filmed it where', async () => {
    clips.make('lying.mp4', ...picture(2, '640x360'), ...H264);
    const secret = ['-metadata', 'title=Secret', '-metadata', 'location=+37.5+127.0/'];
    const turned = ['-metadata:s:v', 'rotate=90'];
    clips.make('turned.mov', '-i', clips.path('lying.mp4'), '-c', 'copy', ...turned, ...secret);
    const { processed, artefacts, mediaType } = await run('turned.mov');
    expect(mediaType).toBe('video/quicktime');
    expect(processed).toMatchObject({ facts: { media: { video: { width: 360, height: 640 } } } });
    const mp4 = artefacts.get('240p.mp4') ?? new Uint8Array();
    expect(probeBytes(mp4).streams).toMatchObject([{ width: 240, height: 426 }]);
    for (const bytes of artefacts.values()) expect(textOf(bytes)).not.toMatch(/Secret|\+37\.5/);
  });

  it('with pixels that are not square is shown as it was meant', async () => {
    clips.make('wide.mp4', ...picture(1, '360x288'), ...['-vf', 'setsar=16/11'], ...H264);
    const { processed, artefacts } = await run('wide.mp4');
    expect(processed).toMatchObject({ facts: { media: { video: { width: 524, height: 288 } } } });
    const { streams } = probeBytes(artefacts.get('480p.mp4') ?? new Uint8Array());
    expect(streams).toMatchObject([{ width: 524, height: 288, sample_aspect_ratio: '1:1' }]);
  });

  it.each([
    [
      'vp9 in WebM',
      'v.webm',
      ['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8'],
      'video/webm',
    ],
    ['MPEG-4 in AVI', 'v.avi', ['-c:v', 'mpeg4'], 'video/x-msvideo'],
    ['MPEG-2 in a transport stream', 'v.ts', ['-c:v', 'mpeg2video'], 'video/mp2t'],
    ['H.264 in Matroska', 'v.mkv', H264, 'video/x-matroska'],
    ['Theora in Ogg', 'v.ogv', ['-c:v', 'libtheora'], 'video/ogg'],
  ])('is taken as %s', async (_, name, codec, mediaType) => {
    clips.make(name, ...picture(2), ...codec);
    const made = await run(name);
    expect(made.mediaType).toBe(mediaType);
    expect(made.processed).toMatchObject({ kind: 'processed' });
    const { streams } = probeBytes(
      made.artefacts.get('240p.mp4') ?? new Uint8Array(),
      '-count_frames',
    );
    expect(Number(streams[0].nb_read_frames)).toBeGreaterThanOrEqual(49);
    expect(Number(streams[0].nb_read_frames)).toBeLessThanOrEqual(51);
  });

  it('of a browser, which does not say how long it is, is measured', async () => {
    clips.make('live.webm', ...picture(3), '-c:v', 'libvpx', '-deadline', 'realtime', '-live', '1');
    const { processed } = await run('live.webm');
    expect(processed).toMatchObject({ kind: 'processed' });
    if (processed.kind !== 'processed') return;
    expect(processed.facts.media?.durationSeconds).toBeCloseTo(3, 1);
  });

  it('with subtitles is taken without them', async () => {
    writeFileSync(clips.path('s.srt'), '1\n00:00:00,000 --> 00:00:01,000\nHello\n');
    const tracks = ['-map', '0', '-map', '1', '-map', '2', '-c:s', 'ass', '-c:a', 'aac'];
    clips.make('s.mkv', ...picture(1), ...sound(1), '-i', clips.path('s.srt'), ...tracks, ...H264);
    const { processed, artefacts } = await run('s.mkv');
    expect(processed).toMatchObject({ kind: 'processed' });
    const { streams } = probeBytes(artefacts.get('240p.mp4') ?? new Uint8Array());
    expect(streams).toMatchObject([{ codec_type: 'video' }, { codec_type: 'audio' }]);
  });

  it('in high dynamic range becomes one that common screens show', async () => {
    const hlg = [
      '-color_trc',
      'arib-std-b67',
      '-color_primaries',
      'bt2020',
      '-colorspace',
      'bt2020nc',
    ];
    clips.make('hdr.mp4', ...picture(1), '-c:v', 'libx264', '-pix_fmt', 'yuv420p10le', ...hlg);
    const { artefacts } = await run('hdr.mp4');
    const { streams } = probeBytes(artefacts.get('240p.mp4') ?? new Uint8Array());
    expect(streams).toMatchObject([{ pix_fmt: 'yuv420p', color_transfer: 'bt709' }]);
  });
});

describe.skipIf(!hasFfmpeg)('a sound', () => {
  it.each([
    ['MP3 with a cover', 'c.mp3', ['-c:a', 'libmp3lame'], 'audio/mpeg'],
    ['AAC', 's.aac', ['-c:a', 'aac'], 'audio/aac'],
    ['FLAC', 's.flac', ['-c:a', 'flac'], 'audio/flac'],
    ['Opus in Ogg', 's.opus', ['-c:a', 'libopus'], 'audio/ogg'],
    ['Vorbis in Ogg', 's.ogg', ['-c:a', 'libvorbis'], 'audio/ogg'],
    ['WAV', 's.wav', ['-c:a', 'pcm_s16le'], 'audio/wav'],
    ['M4A', 's.m4a', ['-c:a', 'aac'], 'audio/mp4'],
  ])('as %s becomes M4A and a waveform', async (_, name, codec, mediaType) => {
    const cover =
      name === 'c.mp3' ? [...picture(0.04), '-disposition:v', 'attached_pic', '-c:v', 'mjpeg'] : [];
    clips.make(name, ...sound(3), ...cover, ...codec);
    const made = await run(name);
    expect(made.mediaType).toBe(mediaType);
    expect([...made.artefacts.keys()]).toEqual(['audio.m4a', 'waveform.png', 'waveform.json']);
    expect(probeBytes(made.artefacts.get('audio.m4a') ?? new Uint8Array()).streams).toMatchObject([
      { codec_name: 'aac' },
    ]);
    const { data, length } = JSON.parse(textOf(made.artefacts.get('waveform.json')));
    expect(length).toBeGreaterThan(950);
    expect(data).toHaveLength(2 * length);
    // FFmpeg's sine has an eighth of the full swing.
    expect(Math.max(...data)).toBeGreaterThan(12);
    expect(Math.max(...data)).toBeLessThan(20);
  });
});

describe.skipIf(!hasFfmpeg)('a damaged file', () => {
  it('that is cut off anywhere ends in a verdict', async () => {
    clips.make(
      'whole.mp4',
      ...picture(8),
      ...sound(8),
      ...H264,
      '-c:a',
      'aac',
      '-movflags',
      'faststart',
    );
    const whole = readFileSync(clips.path('whole.mp4'));
    for (const share of [0.01, 0.05, 0.3, 0.6]) {
      writeFileSync(clips.path('cut.mp4'), whole.subarray(0, Math.ceil(whole.length * share)));
      expect((await run('cut.mp4')).processed).toMatchObject(rejectedAs('corrupt_media'));
    }
  });

  it('with flipped bits ends in a result or a verdict', async () => {
    clips.make('whole.webm', ...picture(1), '-c:v', 'libvpx', '-deadline', 'realtime');
    const bytes = readFileSync(clips.path('whole.webm'));
    for (let at = 100; at < bytes.length; at += Math.ceil(bytes.length / 5)) {
      const flipped = Buffer.from(bytes);
      flipped[at] = (flipped[at] ?? 0) ^ 0xff;
      writeFileSync(clips.path('flipped.webm'), flipped);
      expect((await run('flipped.webm')).processed.kind).toMatch(/processed|rejected/);
    }
  });

  it('with a codec that is not on the list is told to be converted', async () => {
    clips.make('raw.avi', ...picture(1, '64x64'), '-c:v', 'rawvideo');
    expect((await run('raw.avi')).processed).toMatchObject(rejectedAs('unsupported_codec'));
  });
});
