import { PermanentError } from '@millrace/middleware';
import { comparableSequencer, describeViolations, validate } from '@millrace/types';
import * as z from 'zod/mini';
import type { ObjectChange, UploadedVersion } from '../domain/object-change.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html */
const Notification = z.object({
  Records: z.array(
    z.object({
      eventName: z.string(),
      eventTime: z.iso.datetime(),
      s3: z.object({
        bucket: z.object({ name: z.string() }),
        object: z.object({
          key: z.string(),
          sequencer: z.string().check(z.regex(/^[0-9A-Fa-f]{1,64}$/)),
          size: z.optional(z.int()),
          eTag: z.optional(z.string()),
        }),
      }),
    }),
  ),
});
type NotificationRecord = z.infer<typeof Notification>['Records'][number];

/** @throws PermanentError `notification_invalid` */
export function writtenVersions(event: unknown): UploadedVersion[] {
  return recordsOf(event, 'ObjectCreated:').map((record) => {
    const { eTag, size } = record.s3.object;
    if (eTag === undefined || size === undefined) {
      throw new PermanentError('notification_invalid', 'An ObjectCreated record names no version.');
    }
    return { ...changeOf(record), eTag, size };
  });
}

/** @throws PermanentError `notification_invalid` */
export function removals(event: unknown): ObjectChange[] {
  return recordsOf(event, 'ObjectRemoved:').map(changeOf);
}

function recordsOf(event: unknown, prefix: string): NotificationRecord[] {
  const notification = validate(Notification, event);
  if (!notification.ok) {
    throw new PermanentError(
      'notification_invalid',
      `This is not an event notification of S3: ${describeViolations(notification.violations)}`,
    );
  }
  return notification.value.Records.filter(({ eventName }) => eventName.startsWith(prefix));
}

function changeOf({ eventTime, s3 }: NotificationRecord): ObjectChange {
  return {
    bucket: s3.bucket.name,
    key: decodeKey(s3.object.key),
    happenedAt: new Date(eventTime).toISOString(),
    sequencer: s3.object.sequencer.toUpperCase(),
    order: comparableSequencer(s3.object.sequencer),
  };
}

/** Keys come form-encoded: `+` is a space, `%2B` a plus. */
function decodeKey(encoded: string): string {
  try {
    return decodeURIComponent(encoded.replaceAll('+', ' '));
  } catch (cause) {
    throw new PermanentError('notification_invalid', 'The key is not form-encoded UTF-8.', {
      cause,
    });
  }
}
