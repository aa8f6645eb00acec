import * as z from 'zod/mini';

const time = z.iso.datetime({ offset: true });

/** What an answer is about: from, inclusive, to, exclusive; RFC 3339. */
export const timeSpan = { from: time, to: time };
