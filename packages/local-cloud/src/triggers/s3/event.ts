import { LOCAL_REGION } from '../../lambda/function-arn.ts';
import type { S3ObjectEvent } from '../../ports.ts';

const OWNER = 'MILLRACELOCAL';

/**
 * The event of a bucket notification: one record, structure version 2.1.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 */
export function notificationEvent(event: S3ObjectEvent, configurationId: string): unknown {
  const isExpiration = event.name.startsWith('LifecycleExpiration:');
  const removed = isExpiration || event.name.startsWith('ObjectRemoved:');
  const record = {
    eventVersion: '2.1',
    eventSource: 'aws:s3',
    awsRegion: LOCAL_REGION,
    eventTime: new Date(event.time).toISOString(),
    eventName: event.name,
    userIdentity: { principalId: isExpiration ? 's3.amazonaws.com' : `AWS:${OWNER}` },
    requestParameters: { sourceIPAddress: event.sourceIp },
    responseElements: { 'x-amz-request-id': event.requestId, 'x-amz-id-2': event.hostId },
    s3: {
      s3SchemaVersion: '1.0',
      configurationId,
      bucket: {
        name: event.bucket,
        ownerIdentity: { principalId: OWNER },
        arn: `arn:aws:s3:::${event.bucket}`,
      },
      object: {
        key: encodeKey(event.key),
        // What is removed has neither size nor entity tag.
        ...(!removed && { size: event.size ?? 0, eTag: event.eTag ?? '' }),
        ...(event.versionId !== undefined && { versionId: event.versionId }),
        sequencer: event.sequencer,
      },
    },
  };
  return { Records: [record] };
}

/**
 * Keys are form-encoded: UTF-8 percent-encoded, a space as `+`; slashes stay as they are, and so do
 * letters, digits and `-_.*`.
 */
export function encodeKey(key: string): string {
  return encodeURIComponent(key)
    .replace(/%20/g, '+')
    .replace(/%2F/g, '/')
    .replace(/[!'()~]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}
