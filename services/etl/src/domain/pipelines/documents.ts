import * as z from 'zod/mini';
import { column, definePipeline } from '../pipeline.ts';

const Document = z.looseObject({
  tenant: z.string(),
  documentId: z.string(),
  order: z.string(),
  updatedAt: z.iso.datetime({ offset: true }),
  deleted: z.optional(z.boolean()),
  title: z.optional(z.string()),
  url: z.optional(z.string()),
  language: z.optional(z.string()),
  version: z.optional(z.string()),
});
type Document = z.infer<typeof Document>;

/** The texts are in the images, up to 100 kB before and after: a minute may be more than one run holds. */
const CLOSED_AT = 32 * 1024 * 1024;

export const documents = definePipeline({
  table: 'documents',
  item: Document,
  key: { tenant: 'tenant', document_id: 'documentId' },
  closedAt: CLOSED_AT,
  sql: true,
  columns: {
    tenant: column('string', (document: Document) => document.tenant),
    document_id: column('string', (document: Document) => document.documentId),
    // Orders the states of one document by event time; `sequence` orders when the table took them.
    event_order: column('string', (document: Document) => document.order),
    deleted: column('boolean', (document: Document) => document.deleted === true),
    title: column('string', (document: Document) => document.title),
    url: column('string', (document: Document) => document.url),
    language: column('string', (document: Document) => document.language),
    version: column('string', (document: Document) => document.version),
    updated_at: column('timestamp', (document: Document) => new Date(document.updatedAt)),
  },
});
