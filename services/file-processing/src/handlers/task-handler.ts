import { queueHandler, sqsVisibility } from '@millrace/middleware';
import { taskAdapters } from '../adapters/media-adapters.ts';
import { parseTask } from '../adapters/sqs-segment-tasks.ts';
import { versionIn } from '../adapters/work-message.ts';
import { mediaConfig, workerConfig } from '../config.ts';
import { giveUp } from '../domain/give-up.ts';
import type { TaskMessage } from '../domain/processors/media/job.ts';
import { workOnTask } from '../domain/processors/media/work-on-task.ts';

/** What is left undone this long before the function is stopped comes again. */
const RESERVED_MS = 3000;

/** A function that works on parts of videos, or joins them, behind its queue. */
export function taskHandler() {
  const settings = { ...workerConfig(), ...mediaConfig() };
  const { ports, sqs, ...records } = taskAdapters(settings);
  return queueHandler<TaskMessage>({
    parse: parseTask,
    visibility: sqsVisibility(sqs, settings.WORK_QUEUE_URL),
    giveUp: (message, reason) => giveUp({ message, version: versionIn(message) }, reason, records),
    async work(message, { messageId, onBeat, invocation }) {
      const signal = AbortSignal.timeout(Math.max(0, invocation.remainingMs() - RESERVED_MS));
      const outcome = await workOnTask(message, { id: messageId, signal, onBeat }, ports);
      const { task, version } = message;
      invocation.logger.info('part processed', { sequencer: version.sequencer, task, outcome });
    },
  });
}
