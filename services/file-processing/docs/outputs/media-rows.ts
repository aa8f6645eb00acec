import { MUTED, sizeOf, titleOf } from './captions.ts';
import { make, PROCESSORS } from './make.ts';
import { lines, PAD, picture, type Row, text } from './page.ts';
import { sampleSound, sampleVideo } from './samples.ts';

export async function videoRow(): Promise<Row> {
  const sample = await sampleVideo();
  const { facts, rendition, stored, names } = await make(PROCESSORS.media, sample);
  const { video, durationSeconds = 0, format } = facts.media ?? {};
  const known = [
    `${format}, ${video?.codec}, ${video?.width} × ${video?.height}, ${durationSeconds} s`,
  ];
  const posters = ['poster-1', 'poster-2', 'poster-3'].map(async (name, at) => {
    const { key, width, height } = rendition(name);
    const drawn = await picture(stored(key), PAD + at * 312, PAD, 296, 167);
    return drawn + text(PAD + at * 312, 228, `${key}, ${width} × ${height}`, MUTED);
  });
  const mp4s = ['240p', '480p', '720p'].map((name, at) =>
    text(PAD + at * 312, 264, `${rendition(name).key}, ${sizeOf(rendition(name).size)}`),
  );
  const tracks = names.flatMap((name) => /^hls\/(\w+)\/index/.exec(name)?.[1] ?? []).toSorted();
  const segments = names.filter((name) => name.endsWith('.ts')).length;
  return {
    height: 332,
    before: {
      content: `${titleOf('Video', sample)}
        ${lines(PAD, 120, known, MUTED)}
        ${await picture(sample.frame ?? sample.bytes, PAD, 172, 236, 132)}`,
    },
    after: {
      content: `${(await Promise.all(posters)).join('')}
        ${mp4s.join('')}
        ${text(PAD, 304, `${rendition('hls/master').key} for streaming: ${tracks.join(', ')} in ${segments} segments`)}`,
    },
  };
}

export async function soundRow(): Promise<Row> {
  const sample = sampleSound();
  const { facts, rendition, stored } = await make(PROCESSORS.media, sample);
  const { audio, durationSeconds = 0 } = facts.media ?? {};
  const m4a = rendition('audio');
  return {
    height: 242,
    before: {
      content: `${titleOf('Sound', sample)}
        ${text(PAD, 120, `${audio?.codec}, ${durationSeconds.toFixed(1)} s`, MUTED)}`,
    },
    after: {
      content: `${await picture(stored('waveform.png'), PAD, PAD, 924, 148)}
        ${text(PAD, 214, 'waveform.png, waveform.json')}
        ${text(550, 214, `${m4a.key}, ${sizeOf(m4a.size)}`)}`,
    },
  };
}
