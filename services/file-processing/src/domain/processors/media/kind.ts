import { hasControlBytes } from '../../content/control-bytes.ts';
import type { Kind } from '../../kind.ts';
import { flac, framedAudio, isoMedia, matroska, ogg, riff, transportStream } from './signatures.ts';

/** The one that is weakest comes last. */
const SIGNATURES = [isoMedia, matroska, riff, ogg, flac, transportStream, framedAudio];

export const mediaKind: Kind = {
  name: 'media',
  version: 1,
  accepts:
    'MP4, QuickTime, 3GP, WebM, Matroska, AVI and MPEG-TS videos, MP3, AAC, FLAC, Ogg and WAV sounds',
  // An hour of camera footage in 4K is 22 GiB.
  maxBytes: 64 * 1024 ** 3,
  recognize({ bytes, compression }) {
    if (compression !== undefined || !hasControlBytes(bytes)) return undefined;
    for (const signature of SIGNATURES) {
      const mediaType = signature(bytes);
      if (mediaType !== undefined) return mediaType;
    }
    return undefined;
  },
};
