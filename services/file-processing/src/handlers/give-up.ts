import { queueHandler, sqsVisibility } from '@millrace/middleware';
import { workerAdapters } from '../adapters/index.ts';
import { versionIn } from '../adapters/work-message.ts';
import { workerConfig } from '../config.ts';
import { giveUp, PROCESSING_FAILED } from '../domain/give-up.ts';

const settings = workerConfig();
const { sqs, ...ports } = workerAdapters(settings);

/** Behind the dead letter queue of all work queues. */
export const handler = queueHandler<string>({
  parse: (body) => body,
  visibility: sqsVisibility(sqs, settings.WORK_QUEUE_URL),
  giveUp: (message, reason) => ports.failures.keep(message, reason),
  work: (message) => giveUp({ message, version: versionIn(message) }, PROCESSING_FAILED, ports),
});
