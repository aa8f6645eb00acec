import type { StoredRendition } from '@millrace/types';
import type { Artefact } from '../../processor.ts';
import { LIMITS, POSTER_SIDE, POSTERS_AT } from './ladder.ts';
import {
  type AudioPlan,
  type MediaPlan,
  partsOf,
  segmentSeconds,
  type VideoPart,
  type VideoPlan,
} from './plan.ts';
import {
  type Bandwidth,
  bandwidthOf,
  masterPlaylist,
  mediaPlaylist,
  segmentName,
} from './playlists.ts';
import { type MediaTools, MediaUnreadable, type Piece, type Source } from './studio.ts';
import { drawWaveform, WAVEFORM_HEIGHT, WAVEFORM_WIDTH, waveformOf } from './waveform.ts';

export type Store = (artefact: Artefact) => Promise<StoredRendition>;

const TRANSPORT_STREAM = { extension: 'ts', contentType: 'video/mp2t' } as const;
const PLAYLIST = { extension: 'm3u8', contentType: 'application/vnd.apple.mpegurl' } as const;
const MP4 = { extension: 'mp4', contentType: 'video/mp4' } as const;
const text = (content: string) => new TextEncoder().encode(content);

export async function renderPosters(
  tools: MediaTools,
  source: Source,
  seconds: number,
  store: Store,
): Promise<StoredRendition[]> {
  const posters: StoredRendition[] = [];
  for (const share of POSTERS_AT) {
    const poster = await tools.poster(source, { seconds: seconds * share, side: POSTER_SIDE });
    if (!poster) continue;
    const { bytes: body, width, height } = poster;
    const name = `poster-${posters.length + 1}`;
    posters.push(
      await store({ name, extension: 'jpg', contentType: 'image/jpeg', width, height, body }),
    );
  }
  if (posters.length === 0) throw new MediaUnreadable('It has no picture that can be shown.');
  return posters;
}

/** Bytes of every segment, by rung. */
export interface RenderedVideo {
  readonly rungs: Readonly<Record<string, readonly number[]>>;
}

/** The name of a segment as an artefact. */
export const segmentPath = (track: string, index: number): string =>
  `hls/${track}/${segmentName(index)}`;

export async function renderVideo(
  tools: MediaTools,
  source: Source,
  plan: VideoPlan,
  part: VideoPart,
  store: Store,
): Promise<RenderedVideo & { readonly pieces: ReadonlyMap<string, Piece> }> {
  const made = await tools.video(source, plan, part);
  const rungs: Record<string, number[]> = {};
  const pieces = new Map<string, Piece>();
  for (const [index, { name: track }] of plan.rungs.entries()) {
    const bytes: number[] = [];
    for (const [at, piece] of (made[index] ?? []).entries()) {
      const name = segmentPath(track, part.firstSegment + at);
      await store({ name, ...TRANSPORT_STREAM, body: piece.open() });
      pieces.set(name, piece);
      bytes.push(piece.size);
    }
    rungs[track] = bytes;
  }
  return { rungs, pieces };
}

export interface RenderedAudio {
  readonly stored: StoredRendition;
  /** As segments of HLS. */
  readonly bandwidth?: Bandwidth;
}

const AUDIO_FILE = { name: 'audio', extension: 'm4a', contentType: 'audio/mp4' } as const;

/** The sound of a video, whole: sound that is cut and joined has a gap at every cut. */
export async function renderSoundtrack(
  tools: MediaTools,
  source: Source,
  plan: AudioPlan,
  seconds: number,
  store: Store,
): Promise<RenderedAudio & { readonly piece: Piece }> {
  const piece = await tools.audio(source, plan, seconds);
  const stored = await store({ ...AUDIO_FILE, body: piece.open() });
  const cut = await tools.cutAudio(piece);
  for (const [index, { piece: segment }] of cut.entries()) {
    const name = segmentPath('audio', index);
    await store({ name, ...TRANSPORT_STREAM, body: segment.open() });
    await tools.drop(segment);
  }
  const segments = cut.map(({ piece: { size }, seconds: length }) => ({
    seconds: length,
    bytes: size,
  }));
  await store({ name: 'hls/audio/index', ...PLAYLIST, body: text(mediaPlaylist(segments)) });
  return { stored, bandwidth: bandwidthOf(segments), piece };
}

/** A file that is only sound. */
export async function renderSound(
  tools: MediaTools,
  source: Source,
  plan: AudioPlan,
  seconds: number,
  store: Store,
): Promise<StoredRendition[]> {
  const peaks = waveformOf(seconds);
  const piece = await tools.audio(source, plan, seconds, peaks.hear);
  const waveform = peaks.waveform();
  if (waveform.length === 0) throw new MediaUnreadable('It has no sound that can be heard.');
  const picture = await tools.picture(drawWaveform(waveform), WAVEFORM_WIDTH, WAVEFORM_HEIGHT);
  return [
    await store({ ...AUDIO_FILE, body: piece.open() }),
    await store({
      ...{ name: 'waveform', extension: 'png', contentType: 'image/png', body: picture },
      ...{ width: WAVEFORM_WIDTH, height: WAVEFORM_HEIGHT },
    }),
    await store({
      ...{ name: 'waveform', extension: 'json', contentType: 'application/json' },
      body: text(JSON.stringify(waveform)),
    }),
  ];
}

/** All that was made of a video in parts. */
export interface Rendered {
  readonly posters: readonly StoredRendition[];
  /** In the order of the parts. */
  readonly video: readonly RenderedVideo[];
  readonly audio?: RenderedAudio;
  readonly audioPiece?: Piece;
  /** Opens a segment by its name as an artefact. */
  readonly open: (name: string) => AsyncIterable<Uint8Array>;
}

/** Playlists and MP4s of segments, without encoding anything again. */
export async function joinVideo(
  tools: MediaTools,
  plan: VideoPlan,
  rendered: Rendered,
  store: Store,
): Promise<StoredRendition[]> {
  const seconds = partsOf(plan).flatMap(({ frames }) => segmentSeconds(frames, plan));
  const tracks = plan.rungs.map((rung) => {
    const bytes = rendered.video.flatMap(({ rungs }) => rungs[rung.name] ?? []);
    const segments = seconds.map((length, index) => ({
      seconds: length,
      bytes: bytes[index] ?? 0,
    }));
    return { rung, segments, bandwidth: bandwidthOf(segments) };
  });
  const mp4s: StoredRendition[] = [];
  for (const { rung, segments } of tracks) {
    const total = segments.reduce((sum, { bytes }) => sum + bytes, 0);
    if (total + (rendered.audio?.stored.size ?? 0) > LIMITS.mp4Bytes) continue;
    const names = segments.map((_, index) => segmentPath(rung.name, index));
    const mp4 = await tools.mux(oneAfterTheOther(names, rendered.open), rendered.audioPiece);
    const { name, width, height } = rung;
    mp4s.push(await store({ name, ...MP4, width, height, body: mp4.open() }));
    await tools.drop(mp4);
  }
  for (const { rung, segments } of tracks) {
    const name = `hls/${rung.name}/index`;
    await store({ name, ...PLAYLIST, body: text(mediaPlaylist(segments)) });
  }
  // Last: who finds it finds all that it names.
  const master = masterPlaylist(plan, tracks, rendered.audio?.bandwidth);
  return [
    ...rendered.posters,
    ...mp4s,
    await store({ name: 'hls/master', ...PLAYLIST, body: text(master) }),
    ...(rendered.audio ? [rendered.audio.stored] : []),
  ];
}

async function* oneAfterTheOther(names: readonly string[], open: Rendered['open']) {
  for (const name of names) yield* open(name);
}

/** Everything in this invocation. */
export async function renderWhole(
  tools: MediaTools,
  source: Source,
  { facts, video, audio }: MediaPlan,
  posters: readonly StoredRendition[],
  store: Store,
  progress: (percent: number) => Promise<void>,
): Promise<StoredRendition[]> {
  const { durationSeconds } = facts;
  if (!video) {
    if (!audio) throw new MediaUnreadable('It has neither picture nor sound.');
    return await renderSound(tools, source, audio, durationSeconds, store);
  }
  const made: (RenderedVideo & { pieces: ReadonlyMap<string, Piece> })[] = [];
  for (const part of partsOf(video)) {
    made.push(await renderVideo(tools, source, video, part, store));
  }
  await progress(70);
  const sound = audio && (await renderSoundtrack(tools, source, audio, durationSeconds, store));
  await progress(80);
  const pieces = new Map(made.flatMap((one) => [...one.pieces]));
  const open = (name: string) => {
    const piece = pieces.get(name);
    if (!piece) throw new MediaUnreadable('It ends before its time.');
    return piece.open();
  };
  const rendered = { posters, video: made, open };
  return await joinVideo(
    tools,
    video,
    sound ? { ...rendered, audio: sound, audioPiece: sound.piece } : rendered,
    store,
  );
}
