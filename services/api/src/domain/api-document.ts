import { openApiDocument } from '@millrace/middleware/http';
import {
  Checksum,
  DeviceList,
  DeviceRequest,
  DeviceResource,
  EventBatch,
  EventReceipt,
  FileList,
  FileResource,
  Health,
  MAX_EVENTS_PER_REQUEST,
  MetricAnswer,
  MetricSeries,
  MillraceEvent,
  OrderLine,
  OrderList,
  OrderRequest,
  OrderResource,
  PartRequest,
  PartTicket,
  Rendition,
  UploadCompletion,
  UploadRequest,
  UploadResource,
  UploadTicket,
} from '@millrace/types';

/** The contract as others read it: made from the same schemas that requests are checked with. */
export function apiDocument(issuer: string) {
  return openApiDocument({
    title: 'Millrace',
    version: '1.0.0',
    description:
      'Uploads, event streams, orders, devices and metrics. Errors are problem documents (RFC 9457) with a stable code.',
    issuer,
    schemas: {
      Checksum,
      DeviceList,
      DeviceRequest,
      DeviceResource,
      EventBatch,
      EventReceipt,
      FileList,
      FileResource,
      Health,
      MetricAnswer,
      MetricSeries,
      MillraceEvent,
      OrderLine,
      OrderList,
      OrderRequest,
      OrderResource,
      PartRequest,
      PartTicket,
      Rendition,
      UploadCompletion,
      UploadRequest,
      UploadResource,
      UploadTicket,
    },
    overrides: {
      EventBatch: {
        type: 'array',
        minItems: 1,
        maxItems: MAX_EVENTS_PER_REQUEST,
        description:
          'Each event is checked by itself: a bad one is told in the receipt and refuses no other.',
        items: { $ref: '#/components/schemas/MillraceEvent' },
      },
    },
  });
}
