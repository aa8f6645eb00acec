import type { AudioPlan, VideoPart, VideoPlan } from './plan.ts';
import type { Probe } from './probe.ts';

/** What is read: exactly one version of an upload, by one demuxer. */
export interface Source {
  /** Answers range requests. */
  readonly url: string;
  readonly demuxer: string;
}

/** Programs that read and make media. */
export interface Studio {
  /**
   * What is made lies in a scratch folder that is removed when the work ends, however it ends.
   *
   * @param signal stops the programs at once
   */
  open<T>(signal: AbortSignal, work: (tools: MediaTools) => Promise<T>): Promise<T>;
}

/** A file in the scratch folder. */
export interface Piece {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  open(): AsyncIterable<Uint8Array>;
}

/**
 * All of them give the same bytes for the same input on any machine.
 *
 * @throws MediaUnreadable when the content is at fault
 * @throws PermanentError `ffmpeg_missing`
 * @throws TransientError when the source could not be reached or a program was stopped
 */
export interface MediaTools {
  probe(source: Source): Promise<Probe>;
  /** The last time stamp of a track, in seconds, found by reading; `near` is where it may be. */
  findEnd(source: Source, track: 'video' | 'audio', near?: number): Promise<number>;
  /** A JPEG within a square of `side` pixels; undefined where no picture follows. */
  poster(
    source: Source,
    at: { readonly seconds: number; readonly side: number },
  ): Promise<{ bytes: Uint8Array; width: number; height: number } | undefined>;
  /** Transport stream segments of each rung, in the order of the rungs. */
  video(source: Source, plan: VideoPlan, part: VideoPart): Promise<readonly (readonly Piece[])[]>;
  /** @param hear is given the sound as 16 bit samples, mono, `HEARD_SAMPLES` a second */
  audio(
    source: Source,
    plan: AudioPlan,
    durationSeconds: number,
    hear?: (samples: Int16Array) => void,
  ): Promise<Piece>;
  /** Transport stream segments of an encoded sound. */
  cutAudio(audio: Piece): Promise<readonly AudioSegment[]>;
  /** Writes a stream into the scratch folder. */
  keep(body: AsyncIterable<Uint8Array>): Promise<Piece>;
  /** An MP4 that can be played while it is loaded, of segments one after the other. */
  mux(video: AsyncIterable<Uint8Array>, audio: Piece | undefined): Promise<Piece>;
  /** A PNG of grey and opacity, two bytes a pixel. */
  picture(pixels: Uint8Array, width: number, height: number): Promise<Uint8Array>;
  /** Removes a piece that is not needed any more. */
  drop(piece: Piece): Promise<void>;
}

export interface AudioSegment {
  readonly piece: Piece;
  readonly seconds: number;
}

export const HEARD_SAMPLES = 8000;

/** The content is damaged, incomplete or not what it says; `message` is for the sender. */
export class MediaUnreadable extends Error {
  override readonly name = 'MediaUnreadable';
}

/** The content may be whole, but is coded in a way that is not on the list. */
export class CodecRefused extends MediaUnreadable {}
