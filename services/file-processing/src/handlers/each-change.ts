import { errorCode, type Invocation } from '@millrace/middleware';
import type { ObjectChange } from '../domain/object-change.ts';

/** Some changes of one notification failed; Lambda sends it again as a whole. */
export class ChangesFailed extends Error {
  override readonly name = 'ChangesFailed';
  readonly code: string;

  constructor(failures: readonly unknown[], of: number) {
    super(`${failures.length} of ${of} changes were not processed.`, { cause: failures[0] });
    this.code = errorCode(failures[0]);
  }
}

/**
 * Works on all changes of a notification, one after the other, because a picture may take most of
 * the memory; one that fails does not hinder the others.
 *
 * @throws ChangesFailed, so that Lambda tries again and in the end tells the on-failure queue
 */
export async function eachChange<C extends ObjectChange>(
  changes: readonly C[],
  invocation: Invocation,
  work: (change: C) => Promise<string>,
): Promise<void> {
  const failures: unknown[] = [];
  for (const change of changes) {
    const { sequencer } = change;
    try {
      const outcome = await work(change);
      invocation.logger.info('change processed', { sequencer, outcome });
    } catch (error) {
      failures.push(error);
      const code = errorCode(error);
      invocation.logger.error('change failed', {
        sequencer,
        code,
        ...(error instanceof Error && { error }),
      });
    }
  }
  if (failures.length > 0) throw new ChangesFailed(failures, changes.length);
}
