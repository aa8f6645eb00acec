import * as z from 'zod/mini';

/** Printable ASCII without spaces, quotes, `#`, `/`, `<` and `>`: it is a part of keys, cursors and paths. */
export const DocumentId = z
  .string()
  .check(
    z.regex(
      /^[A-Za-z0-9][A-Za-z0-9._~:@+=-]{0,127}$/,
      'must be 1–128 letters, digits and . _ ~ : @ + = -, beginning with a letter or digit',
    ),
  );

/** UTF-8 bytes. */
export const MOST_DOCUMENT_BYTES = 100_000;

const utf8 = new TextEncoder();

/** Three bytes at most for a UTF-16 unit: most texts need not be encoded to know. */
function isWithinBytes(text: string): boolean {
  if (text.length * 3 <= MOST_DOCUMENT_BYTES) return true;
  return text.length <= MOST_DOCUMENT_BYTES && utf8.encode(text).length <= MOST_DOCUMENT_BYTES;
}

/** A document as it is from the event's time on: all of it, or that it is deleted. */
export const DocumentData = z
  .object({
    documentId: DocumentId,
    title: z.optional(z.string().check(z.minLength(1), z.maxLength(512))),
    text: z.optional(
      z
        .string()
        .check(z.refine(isWithinBytes, `must be at most ${MOST_DOCUMENT_BYTES} bytes of UTF-8`)),
    ),
    url: z.optional(
      z.string().check(z.maxLength(2048), z.regex(/^https?:\/\/\S+$/i, 'must be an http(s) URL')),
    ),
    lang: z.optional(
      z
        .string()
        .check(z.regex(/^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, 'must be a BCP 47 tag like ko')),
    ),
    /** What the producer calls this state of the document; only shown. */
    version: z.optional(z.string().check(z.minLength(1), z.maxLength(128))),
    deleted: z.optional(z.literal(true)),
  })
  .check(
    z.refine(({ title, deleted }) => deleted === true || title !== undefined, {
      error: 'must be there unless the document is deleted',
      path: ['title'],
    }),
    z.refine(({ text, deleted }) => deleted === true || text !== undefined, {
      error: 'must be there unless the document is deleted',
      path: ['text'],
    }),
  );
