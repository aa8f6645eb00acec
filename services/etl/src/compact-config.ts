import { readConfig } from '@millrace/middleware';
import * as z from 'zod/mini';

const positive = z.coerce.number().check(z.gt(0));

/** Of `compactLake`; read at cold start, so that a wrong deployment fails at once. */
export const compactConfig = readConfig(
  z.object({
    LAKE_BUCKET: z.string().check(z.minLength(1)),
    /** Size that files are made to have, MiB. */
    TARGET_MEGABYTES: positive,
    /** Minutes are taken in so long after they began. */
    SETTLE_SECONDS: z.coerce.number().check(z.gte(0)),
    /** Changes of earlier days are dropped; `none`: nothing is. At least what a stream brings late. */
    KEEP_DAYS: z.union([z.literal('none'), z.coerce.number().check(z.int(), z.gte(2))]),
    /** What readers may still read is there for so long after it was replaced. */
    GRACE_HOURS: z.coerce.number().check(z.gte(1)),
  }),
);
