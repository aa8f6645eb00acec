import * as z from 'zod/mini';

export const FILE_STATUSES = ['awaiting-upload', 'processing', 'ready', 'rejected'] as const;
export const FileStatus = z.enum(FILE_STATUSES);
export type FileStatus = z.infer<typeof FileStatus>;

export const Reason = z.object({ code: z.string(), message: z.string() });
export type Reason = z.infer<typeof Reason>;

/** Pixels of the picture as a person sees it (after orientation). */
export const ImageFacts = z.object({ format: z.string(), width: z.int(), height: z.int() });
export type ImageFacts = z.infer<typeof ImageFacts>;

export const Rendition = z.object({
  name: z.string(),
  contentType: z.string(),
  width: z.int(),
  height: z.int(),
  size: z.int(),
  /** Presigned GET, valid for an hour. */
  url: z.string(),
});

export const FileResource = z.object({
  id: z.string(),
  name: z.string(),
  status: FileStatus,
  createdAt: z.string(),
  updatedAt: z.string(),
  contentType: z.optional(z.string()),
  size: z.optional(z.int()),
  image: z.optional(ImageFacts),
  renditions: z.array(Rendition),
  /** Why the file was rejected. */
  reason: z.optional(Reason),
});
export type FileResource = z.infer<typeof FileResource>;

export const FileList = z.object({ items: z.array(FileResource), cursor: z.optional(z.string()) });

/** 5 TiB, S3's limit for one object (50 TB since December 2025 is not offered here). */
export const MAX_UPLOAD_BYTES = 5 * 1024 ** 4;

export const UploadRequest = z.object({
  fileName: z.string().check(
    z.minLength(1),
    z.maxLength(255),
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it refuses
    z.regex(/^[^\u0000-\u001f\u007f/\\]+$/, 'must hold no control characters and no / or \\'),
    // URL parsers drop `.` and `..` from a path, so no client could send to such a key.
    z.refine((name) => name !== '.' && name !== '..', 'must not be . or ..'),
    z.refine((name) => name.isWellFormed(), 'must be well-formed Unicode'),
  ),
  contentType: z
    .string()
    .check(
      z.maxLength(127),
      z.regex(/^[\w.+-]+\/[\w.+-]+$/, 'must be a media type like image/jpeg'),
    ),
  size: z.int().check(z.gte(1), z.lte(MAX_UPLOAD_BYTES)),
});
export type UploadRequest = z.infer<typeof UploadRequest>;

const expiring = { expiresAt: z.string() };
export const UploadTicket = z.object({
  fileId: z.string(),
  upload: z.discriminatedUnion('kind', [
    z.object({
      kind: z.literal('single'),
      method: z.literal('PUT'),
      url: z.string(),
      /** Must be sent exactly so: the signature covers them. */
      headers: z.record(z.string(), z.string()),
      ...expiring,
    }),
    z.object({
      kind: z.literal('multipart'),
      /** Bytes of every part but the last. */
      partSize: z.int(),
      parts: z.array(z.object({ partNumber: z.int(), url: z.string() })),
      ...expiring,
    }),
  ]),
});
export type UploadTicket = z.infer<typeof UploadTicket>;

/** Parts are needed for a multipart upload only. */
export const UploadCompletion = z.object({
  parts: z.optional(
    z
      .array(
        z.object({
          partNumber: z.int().check(z.gte(1), z.lte(10_000)),
          eTag: z.string().check(z.maxLength(128)),
        }),
      )
      .check(z.maxLength(10_000)),
  ),
});
