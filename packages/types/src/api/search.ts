import * as z from 'zod/mini';

export const SearchQuery = z.object({
  /** Words, all of which must be in the name, the title or the text; the last may be the beginning of one in name or title. */
  q: z.string().check(z.minLength(1), z.maxLength(128)),
  limit: z._default(z.coerce.number().check(z.int(), z.gte(1), z.lte(50)), 20),
  cursor: z.optional(z.string().check(z.maxLength(2048))),
});

/** A file or a document: it has the id of the one that it is. */
export const SearchHit = z.object({
  /** Id of a file. */
  file: z.optional(z.string()),
  /** Id of a document. */
  document: z.optional(z.string()),
  /** Name of a file, title of a document. */
  name: z.string(),
  /** Of a file as it has it, of a document `document`. */
  kind: z.optional(z.string()),
  title: z.optional(z.string()),
  /** ISO 639-1. */
  language: z.optional(z.string()),
  /** Plain text around the first place where the rarest word is found, or the beginning of the text. */
  snippet: z.optional(z.string()),
  /** Where words of the query are in the snippet, in UTF-16 code units; `to` is exclusive. */
  highlights: z.optional(z.array(z.object({ from: z.int(), to: z.int() }))),
  /** Comparable within one answer. */
  score: z.number(),
});
export type SearchHit = z.infer<typeof SearchHit>;

export const SearchAnswer = z.object({
  /** Best first. */
  items: z.array(SearchHit),
  /** There are more with these words than are looked through; those with the greatest ids were. */
  partial: z.boolean(),
  cursor: z.optional(z.string()),
});
export type SearchAnswer = z.infer<typeof SearchAnswer>;

export const SimilarPicture = z.object({
  /** Its id. */
  file: z.string(),
  name: z.string(),
  /** Bits in which the perceptual hashes differ, of 64. */
  distance: z.int(),
});

export const SimilarAnswer = z.object({
  /** At most 100, most alike first. */
  items: z.array(SimilarPicture),
  /** There are more than are looked through. */
  partial: z.boolean(),
});
export type SimilarAnswer = z.infer<typeof SimilarAnswer>;
