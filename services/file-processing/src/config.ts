import { readConfig } from '@millrace/middleware';
import * as z from 'zod/mini';

const name = z.string().check(z.minLength(1));

const common = {
  /** Table of the files' states, shared with the API. */
  FILES_TABLE: name,
  /** Table of the removals of uploads, which keep a late event from bringing a file back. */
  REMOVALS_TABLE: name,
  MEDIA_BUCKET: name,
  QUARANTINE_BUCKET: name,
  /** The service etl's; rows of uploaded logs and tables go there. */
  LAKE_BUCKET: name,
  SEARCH_TABLE: name,
};

/** Read at cold start, so that a wrong deployment fails at once. */
export const config = () => readConfig(z.object(common));

export const routerConfig = () =>
  readConfig(
    z.object({
      ...common,
      /** The URLs of the work queues by kind, as JSON. */
      WORK_QUEUES: name,
    }),
  );

export const workerConfig = () =>
  readConfig(
    z.object({
      ...common,
      /** The queue that this function works on. */
      WORK_QUEUE_URL: name,
      FAILURES_QUEUE_URL: name,
      /** Who looks for malware: see docs/validation.md. */
      SCANNER: z._default(z.enum(['none', 'clamd', 'guard-duty']), 'none'),
      CLAMD_ADDRESS: z.optional(z.string()),
      /** clamd's `StreamMaxLength`. */
      CLAMD_MAX_BYTES: z.optional(z.coerce.number().check(z.int(), z.gte(1))),
      /** What becomes of a file that the scanner cannot look into. */
      UNSCANNABLE: z._default(z.enum(['reject', 'allow']), 'reject'),
    }),
  );

/** What the functions need besides that work on videos and sounds. */
export const mediaConfig = () =>
  readConfig(
    z.object({
      /** Who works on which part of a long video. */
      PARTS_TABLE: name,
      SEGMENTS_QUEUE_URL: name,
      JOINS_QUEUE_URL: name,
      /** Looked for on the search path where they name no folder. */
      FFMPEG_PATH: name,
      FFPROBE_PATH: name,
    }),
  );
