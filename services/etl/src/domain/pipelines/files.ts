import { FileStatus, ImageFacts, Reason } from '@millrace/types';
import * as z from 'zod/mini';
import { column, definePipeline } from '../pipeline.ts';

const File = z.looseObject({
  tenant: z.string(),
  fileId: z.string(),
  name: z.string(),
  bucket: z.string(),
  key: z.string(),
  status: FileStatus,
  createdAt: z.iso.datetime({ offset: true }),
  updatedAt: z.iso.datetime({ offset: true }),
  declaredType: z.optional(z.string()),
  detectedType: z.optional(z.string()),
  size: z.optional(z.int()),
  image: z.optional(ImageFacts),
  renditions: z.optional(z.array(z.unknown())),
  reason: z.optional(Reason),
});
type File = z.infer<typeof File>;

const integer = (value: number | undefined) => (value === undefined ? null : BigInt(value));

export const files = definePipeline({
  table: 'files',
  item: File,
  key: { tenant: 'tenant', file_id: 'fileId' },
  sql: true,
  columns: {
    tenant: column('string', (file: File) => file.tenant),
    file_id: column('string', (file: File) => file.fileId),
    name: column('string', (file: File) => file.name),
    bucket: column('string', (file: File) => file.bucket),
    key: column('string', (file: File) => file.key),
    status: column('string', (file: File) => file.status),
    declared_type: column('string', (file: File) => file.declaredType),
    detected_type: column('string', (file: File) => file.detectedType),
    size: column('int64', (file: File) => integer(file.size)),
    image_format: column('string', (file: File) => file.image?.format),
    image_width: column('int64', (file: File) => integer(file.image?.width)),
    image_height: column('int64', (file: File) => integer(file.image?.height)),
    rendition_count: column('int64', (file: File) => integer(file.renditions?.length)),
    reason_code: column('string', (file: File) => file.reason?.code),
    created_at: column('timestamp', (file: File) => new Date(file.createdAt)),
    updated_at: column('timestamp', (file: File) => new Date(file.updatedAt)),
  },
});
