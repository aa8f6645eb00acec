import { attention, type Finding, good } from './finding.ts';

export interface FailureQueue {
  readonly name: string;
  /** Waiting in it, also those that somebody holds just now. */
  readonly messages: number;
}

/** Queues in which nothing should be. */
export function lookAtQueues(queues: readonly FailureQueue[], stage: string): Finding[] {
  const filled = queues.filter(({ messages }) => messages > 0);
  const at = stage === 'local' ? '' : ` --stage ${stage}`;
  if (filled.length === 0) {
    return queues.length > 0
      ? [good('failure_queues', `${queues.length} queues of failures, all empty`)]
      : [];
  }
  return filled.map(({ name, messages }) =>
    attention(
      'failures_waiting',
      `${name} holds ${messages === 1 ? 'one failure' : `${messages} failures`}`,
      `npx millrace dead-letters list${at}`,
    ),
  );
}
