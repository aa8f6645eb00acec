import { errorCode } from '../errors.ts';

/**
 * Thrown by `processBatch` when all records before `lowestSequenceNumber` are done: Lambda then
 * retries from there instead of from the start of the batch.
 */
export class BatchFailure extends Error {
  override readonly name = 'BatchFailure';
  readonly code: string;
  readonly lowestSequenceNumber: string;

  constructor(lowestSequenceNumber: string, cause: unknown) {
    super('A record of the batch was not processed; the batch is retried from it.', { cause });
    this.lowestSequenceNumber = lowestSequenceNumber;
    this.code = errorCode(cause);
  }
}
