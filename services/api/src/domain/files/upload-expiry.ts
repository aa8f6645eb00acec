/** Seconds that the URLs of an upload are good for. */
export const UPLOAD_URL_SECONDS = 3600;

export const expiryOf = (now: number): string =>
  new Date(now + UPLOAD_URL_SECONDS * 1000).toISOString();
