/** How files of an accepted media type are opened: by no other demuxer than this. */
export interface Container {
  /** FFmpeg's name of it. */
  readonly demuxer: string;
}

/**
 * An allow-list. FFmpeg left to guess would also open playlists, lists of files and subtitles, which
 * name further files and addresses.
 */
const DEMUXERS: Readonly<Record<string, string>> = {
  'video/mp4': 'mov',
  'audio/mp4': 'mov',
  'video/quicktime': 'mov',
  'video/3gpp': 'mov',
  'video/3gpp2': 'mov',
  'video/webm': 'matroska',
  'video/x-matroska': 'matroska',
  'video/x-msvideo': 'avi',
  'video/mp2t': 'mpegts',
  'video/ogg': 'ogg',
  'audio/ogg': 'ogg',
  'audio/mpeg': 'mp3',
  'audio/aac': 'aac',
  'audio/flac': 'flac',
  'audio/wav': 'wav',
};

export function containerOf(mediaType: string): Container | undefined {
  const demuxer = DEMUXERS[mediaType];
  return demuxer === undefined ? undefined : { demuxer };
}

/** Codecs as ffprobe names them. What is not here is not decoded. */
export const VIDEO_CODECS: readonly string[] = [
  ...['h264', 'hevc', 'av1', 'vp8', 'vp9', 'mpeg1video', 'mpeg2video', 'mpeg4', 'msmpeg4v3'],
  ...['h263', 'mjpeg', 'theora', 'prores', 'dvvideo'],
];
export const AUDIO_CODECS: readonly string[] = [
  ...['aac', 'mp2', 'mp3', 'opus', 'vorbis', 'flac', 'alac', 'ac3', 'eac3', 'amr_nb', 'amr_wb'],
  ...['pcm_u8', 'pcm_s16le', 'pcm_s16be', 'pcm_s24le', 'pcm_s24be', 'pcm_s32le', 'pcm_s32be'],
  ...['pcm_f32le', 'pcm_f32be', 'pcm_f64le', 'pcm_alaw', 'pcm_mulaw', 'adpcm_ms', 'adpcm_ima_wav'],
];
