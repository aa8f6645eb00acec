import { randomUUID } from 'node:crypto';

/** The destination is an S3 bucket, which gets an object where others get a message. */
export function isBucket(destinationArn: string): boolean {
  return /^arn:[^:]+:s3:::[^/]+$/.test(destinationArn);
}

/**
 * The key under which Lambda stores a failure's record:
 * `aws/lambda/<folder>/YYYY/MM/DD/YYYY-MM-DDTHH.MM.SS-<random UUID>`, the folder being
 * `<mapping UUID>/<shard id>` for a stream and `async/<function name>` for an asynchronous event.
 * https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
 */
export function destinationObjectKey(folder: string, now: number): string {
  const second = new Date(now).toISOString().slice(0, 19);
  const day = second.slice(0, 10).replaceAll('-', '/');
  return `aws/lambda/${folder}/${day}/${second.replaceAll(':', '.')}-${randomUUID()}`;
}
