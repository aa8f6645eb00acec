import type { MillraceEvent } from './cloud-event.ts';

/**
 * The Kinesis partition key: events of one entity share it and so keep their order.
 * At most 256 characters (the limit of PutRecord); what is longer is cut, which only widens a group.
 */
export function partitionKeyOf(event: MillraceEvent, tenant: string): string {
  return `${tenant}/${entityOf(event)}`.slice(0, 256);
}

function entityOf(event: MillraceEvent): string {
  switch (event.type) {
    case 'millrace.activity.v1':
      return event.data.userId;
    case 'millrace.click.v1':
      return event.data.visitorId;
    case 'millrace.order.v1':
      return event.data.orderId;
    case 'millrace.log.v1':
      return event.data.service;
    case 'millrace.post.v1':
      return event.data.author;
    case 'millrace.telemetry.v1':
      return event.data.deviceId;
    case 'millrace.document.v1':
      return event.data.documentId;
  }
}
