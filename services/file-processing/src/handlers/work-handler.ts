import { type Delivery, queueHandler, sqsVisibility } from '@millrace/middleware';
import { workerAdapters } from '../adapters/index.ts';
import { parseWork, versionIn } from '../adapters/work-message.ts';
import { workerConfig } from '../config.ts';
import { giveUp } from '../domain/give-up.ts';
import type { Kind } from '../domain/kind.ts';
import type { Work } from '../domain/ports.ts';
import type { Processor } from '../domain/processor.ts';
import { workOnUpload } from '../domain/work-on-upload.ts';

/** What is left undone this long before the function is stopped comes again. */
const RESERVED_MS = 3000;

/** The function of a kind, behind its work queue. */
export function workHandler(kind: Kind, processor: Processor) {
  const settings = workerConfig();
  const { sqs, ...ports } = workerAdapters(settings);
  return queueHandler<Work>({
    parse: parseWork,
    visibility: sqsVisibility(sqs, settings.WORK_QUEUE_URL),
    giveUp: (message, reason) => giveUp({ message, version: versionIn(message) }, reason, ports),
    async work(work, delivery) {
      const { invocation } = delivery;
      const outcome = await workOnUpload(work, shiftOf(delivery), { ...ports, kind, processor });
      const { sequencer } = work.version;
      invocation.logger.info('upload processed', { sequencer, kind: kind.name, outcome });
    },
  });
}

function shiftOf({ messageId, onBeat, invocation }: Delivery) {
  const timeLeft = Math.max(0, Math.floor(invocation.remainingMs() - RESERVED_MS));
  return {
    worker: messageId,
    onBeat,
    deadline: AbortSignal.timeout(timeLeft),
    now: Date.now,
  };
}
