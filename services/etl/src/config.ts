import { readConfig } from '@millrace/middleware';
import * as z from 'zod/mini';
import { pipelines } from './domain/pipelines/index.ts';

const name = z.string().check(z.minLength(1));

/** Read at cold start, so that a wrong deployment fails at once. */
export const config = readConfig(
  z.object({
    /** Which pipeline this function runs: the table's name without prefix and stage. */
    PIPELINE: z.enum(Object.keys(pipelines)),
    LAKE_BUCKET: name,
    DEAD_LETTERS_TABLE: name,
  }),
);
