import { readConfig } from '@millrace/middleware';
import * as z from 'zod/mini';

const name = z.string().check(z.minLength(1));

/** What both functions need. Read at cold start, so that a wrong deployment fails at once. */
export const config = readConfig(
  z.object({
    /** Table of the files' states, shared with the API. */
    FILES_TABLE: name,
    /** Table of the removals of uploads, which keep a late event from bringing a file back. */
    REMOVALS_TABLE: name,
    MEDIA_BUCKET: name,
    QUARANTINE_BUCKET: name,
  }),
);
