import { createHash } from 'node:crypto';

/**
 * The event id of a change of a table, as functions have it: AWS's ids are unique over all streams;
 * the engine counts from 1 in each.
 */
export function eventIdOfChange(streamArn: string, sequenceNumber: string): string {
  return createHash('md5').update(`${streamArn}/${sequenceNumber}`).digest('hex');
}
