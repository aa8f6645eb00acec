import * as z from 'zod/mini';

/** The newest state of a document that is not deleted. */
export const DocumentResource = z.object({
  documentId: z.string(),
  title: z.string(),
  text: z.string(),
  url: z.optional(z.string()),
  /** ISO 639-1, as declared or else as detected. */
  language: z.optional(z.string()),
  /** As the producer called this state. */
  version: z.optional(z.string()),
  /** Time of the event that this state is of, ISO 8601. */
  updatedAt: z.string(),
});
export type DocumentResource = z.infer<typeof DocumentResource>;
