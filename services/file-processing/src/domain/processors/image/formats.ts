/** Media types as recognised, and what the facts call the format. */
export const FORMATS: Readonly<Record<string, string>> = {
  'image/jpeg': 'jpeg',
  'image/png': 'png',
  'image/apng': 'png',
  'image/webp': 'webp',
  'image/gif': 'gif',
  'image/tiff': 'tiff',
  'image/avif': 'avif',
  'image/svg+xml': 'svg',
};

/** Pictures that are told from others, but that no decoder with a free licence is built in for. */
export const HEIC = 'image/heic';
