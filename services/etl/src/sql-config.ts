import { readConfig } from '@millrace/middleware';
import * as z from 'zod/mini';
import { pipelines } from './domain/pipelines/index.ts';

const name = z.string().check(z.minLength(1));

/** Of the functions behind PostgreSQL, read at cold start. */
export const sqlConfig = readConfig(
  z.object({
    /** Which pipeline this function runs: the table's name without prefix and stage. */
    PIPELINE: z.enum(Object.keys(pipelines)),
    DEAD_LETTERS_TABLE: name,
    /** `postgres://user:password@host/name`; one of both. */
    DATABASE_URL: z.optional(name),
    /** The SecureString that holds it. */
    DATABASE_URL_PARAMETER: z.optional(name),
  }),
);
