import * as z from 'zod/mini';

/** `rejected`: the content is at fault; `failed`: we are, and an operator can have it done again. */
export const FILE_STATUSES = [
  'awaiting-upload',
  'processing',
  'ready',
  'rejected',
  'failed',
] as const;
export const FileStatus = z.enum(FILE_STATUSES);
export type FileStatus = z.infer<typeof FileStatus>;

export const Reason = z.object({ code: z.string(), message: z.string() });
export type Reason = z.infer<typeof Reason>;

/** Where a file is on its way; `percent` (0 to 100) while it is processed. */
export const FileProgress = z.object({
  stage: z.enum([
    'awaiting-upload',
    'validating',
    'queued',
    'processing',
    'done',
    'quarantined',
    'failed',
  ]),
  percent: z.optional(z.int().check(z.gte(0), z.lte(100))),
});
export type FileProgress = z.infer<typeof FileProgress>;

/** Pixels of the picture as a person sees it (after orientation). */
export const ImageFacts = z.object({
  format: z.string(),
  width: z.int(),
  height: z.int(),
  /** Frames of an animation, pages of a TIFF; absent where there is one. */
  frames: z.optional(z.int()),
  /** `#rrggbb`. */
  dominantColour: z.optional(z.string()),
  /** A `data:` URL of a few pixels, to be shown blurred until the picture is there. */
  placeholder: z.optional(z.string()),
  /** 64 bits in hexadecimal; pictures that look alike differ in few bits. */
  perceptualHash: z.optional(z.string()),
  /** When it was taken, as the camera wrote it: ISO 8601, without a zone unless the camera wrote one. */
  takenAt: z.optional(z.string()),
  camera: z.optional(z.object({ make: z.optional(z.string()), model: z.optional(z.string()) })),
  /** Degrees, WGS 84. Only where the service is told to keep places. */
  place: z.optional(z.object({ latitude: z.number(), longitude: z.number() })),
});
export type ImageFacts = z.infer<typeof ImageFacts>;

export const MediaFacts = z.object({
  /** e.g. `mp4`, `matroska`, `mp3`. */
  format: z.string(),
  durationSeconds: z.number(),
  video: z.optional(
    z.object({
      codec: z.string(),
      /** Upright, in square pixels. */
      width: z.int(),
      height: z.int(),
      framesPerSecond: z.number(),
    }),
  ),
  audio: z.optional(z.object({ codec: z.string(), channels: z.int(), samplesPerSecond: z.int() })),
});
export type MediaFacts = z.infer<typeof MediaFacts>;

export const DocumentFacts = z.object({
  /** `pdf`, `docx`, `html`, `markdown` or `text`. */
  format: z.string(),
  title: z.optional(z.string()),
  /** ISO 639-1, where it can be told. */
  language: z.optional(z.string()),
  pages: z.optional(z.int()),
  /** Of the text, in Unicode code points. */
  characters: z.int(),
  words: z.int(),
  /** The text is not all of it: it is beyond the limits, or pages are damaged. */
  partial: z.optional(z.boolean()),
});
export type DocumentFacts = z.infer<typeof DocumentFacts>;

export const LogFacts = z.object({
  /** `combined`, `cloudfront`, `alb`, `vpc-flow` or `json-lines`. */
  format: z.string(),
  compression: z.optional(z.string()),
  lines: z.int(),
  /** Lines that are of no known form; they are in the rendition `unknown`. */
  unknownLines: z.int(),
  /** Lines that are errors, of which the rendition `errors` has a sample. */
  errorLines: z.int(),
  from: z.optional(z.string()),
  to: z.optional(z.string()),
  byStatus: z.record(z.string(), z.int()),
  /** The most frequent ones, most frequent first. */
  topPaths: z.array(z.object({ path: z.string(), lines: z.int() })),
});
export type LogFacts = z.infer<typeof LogFacts>;

export const TableFacts = z.object({
  /** `csv`, `tsv`, `json` or `ndjson`. */
  format: z.string(),
  compression: z.optional(z.string()),
  /** `utf-8`, `utf-16le`, `utf-16be` or `euc-kr`. */
  encoding: z.string(),
  delimiter: z.optional(z.string()),
  hasHeader: z.optional(z.boolean()),
  /** Whose schema the rows were held against; absent where the file belongs to none. */
  dataset: z.optional(z.string()),
  columns: z.array(z.object({ name: z.string(), type: z.string() })),
  rowsIn: z.int(),
  rowsOut: z.int(),
  /** Left out by the dataset's filter. */
  rowsFiltered: z.int(),
  /** In the rendition `rejects` with line number and reason. */
  rowsRejected: z.int(),
});
export type TableFacts = z.infer<typeof TableFacts>;

/** What is known of a file's content, by its kind. */
export const FileFacts = z.object({
  image: z.optional(ImageFacts),
  media: z.optional(MediaFacts),
  document: z.optional(DocumentFacts),
  log: z.optional(LogFacts),
  table: z.optional(TableFacts),
});
export type FileFacts = z.infer<typeof FileFacts>;

export const Rendition = z.object({
  name: z.string(),
  contentType: z.string(),
  /** Pixels, of pictures and videos. */
  width: z.optional(z.int()),
  height: z.optional(z.int()),
  size: z.int(),
  /**
   * Presigned GET, valid for an hour; of an HLS playlist the path of this API that gives it out.
   */
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
  /** Which processor it went to: `image`, `media`, `document`, `log`, `table`. */
  kind: z.optional(z.string()),
  progress: z.optional(FileProgress),
  ...FileFacts.shape,
  renditions: z.array(Rendition),
  /** Why the file was rejected, or why it failed. */
  reason: z.optional(Reason),
});
export type FileResource = z.infer<typeof FileResource>;

export const FileList = z.object({ items: z.array(FileResource), cursor: z.optional(z.string()) });

const base64Of = (bytes: 4 | 8 | 32) => {
  const last = { 4: '{5}[AQgw]==', 8: '{10}[AEIMQUYcgkosw048]=', 32: '{42}[AEIMQUYcgkosw048]=' };
  const pattern = new RegExp(`^[A-Za-z0-9+/]${last[bytes]}$`);
  return z.string().check(z.regex(pattern, `must be the base64 of ${bytes} bytes`));
};

/** Of S3's checksums those that a sender can name; `value` as S3's headers have it. */
export const Checksum = z.discriminatedUnion('algorithm', [
  z.object({ algorithm: z.literal('CRC64NVME'), value: base64Of(8) }),
  z.object({ algorithm: z.literal('CRC32'), value: base64Of(4) }),
  z.object({ algorithm: z.literal('CRC32C'), value: base64Of(4) }),
  z.object({ algorithm: z.literal('SHA256'), value: base64Of(32) }),
]);
export type Checksum = z.infer<typeof Checksum>;

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
  /** Of the whole file: S3 then takes no other bytes. `SHA256` up to 64 MiB only. */
  checksum: z.optional(Checksum),
});
export type UploadRequest = z.infer<typeof UploadRequest>;

/** Where bytes go; the headers must be sent exactly so: the signature covers them. */
const Target = { url: z.string(), headers: z.record(z.string(), z.string()) };
const expiring = { expiresAt: z.string() };
const SingleUpload = z.object({
  kind: z.literal('single'),
  method: z.literal('PUT'),
  ...Target,
  ...expiring,
});
export const UploadTicket = z.object({
  fileId: z.string(),
  upload: z.discriminatedUnion('kind', [
    SingleUpload,
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

/** How far an upload is, and what is needed to go on with it. */
export const UploadResource = z.object({
  fileId: z.string(),
  status: FileStatus,
  size: z.int(),
  /** Absent where all bytes are there as one object. */
  upload: z.optional(
    z.discriminatedUnion('kind', [
      SingleUpload,
      z.object({
        kind: z.literal('multipart'),
        /** Bytes of every part but the last. */
        partSize: z.int(),
        /** Of checksums for parts and for the whole. */
        checksumAlgorithm: z.string(),
        /** Bytes in `received`. */
        receivedBytes: z.int(),
        received: z.array(
          z.object({
            partNumber: z.int(),
            size: z.int(),
            eTag: z.string(),
            checksum: z.optional(Checksum),
          }),
        ),
        /** Part numbers; `POST …/parts` gives URLs for them. */
        missing: z.array(z.int()),
      }),
    ]),
  ),
});
export type UploadResource = z.infer<typeof UploadResource>;

const partNumber = z.int().check(z.gte(1), z.lte(10_000));

/** Parts to be sent now or again, at most 100 at once. */
export const PartRequest = z.object({
  parts: z
    .array(
      z.object({
        partNumber,
        /** Of this part: S3 then takes no other bytes. */
        checksum: z.optional(Checksum),
      }),
    )
    .check(z.minLength(1), z.maxLength(100)),
});
export type PartRequest = z.infer<typeof PartRequest>;

export const PartTicket = z.object({
  parts: z.array(z.object({ partNumber: z.int(), size: z.int(), ...Target })),
  ...expiring,
});
export type PartTicket = z.infer<typeof PartTicket>;

export const UploadCompletion = z.object({
  /** Of a multipart upload; those that S3 has where none are named. */
  parts: z.optional(
    z
      .array(z.object({ partNumber, eTag: z.string().check(z.regex(/^"?[\w-]{1,126}"?$/)) }))
      .check(z.maxLength(10_000)),
  ),
  /** Of the whole file; in the algorithm of the announcement, CRC64NVME where it named none. */
  checksum: z.optional(Checksum),
});
