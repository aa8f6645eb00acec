/** What a fault plan may do to the messages of a queue. */
export interface QueueFaultHooks {
  /** Whether the deletion of a message that was received once does not stick. */
  keepsDeleted(queue: string, body: string): boolean;
  /** How long a message that is sent stays out of sight, in milliseconds; 0: not at all. */
  holdsBack(queue: string, body: string): number;
}

interface Message {
  readonly body: string;
  readonly approximateReceiveCount: number;
  delayUntil?: number;
}
interface Queue {
  readonly name: string;
  readonly persistence?: object;
  readonly inflightMessages: ReadonlyMap<string, { readonly message: Message }>;
  isFifo(): boolean;
  changeVisibility(receiptHandle: string, seconds: number): void;
}
/** What of fauxqs's queue is wrapped. */
export interface FaultyQueuePrototype {
  enqueue(this: Queue, message: Message): void;
  deleteMessage(this: Queue, receiptHandle: string): boolean;
}

/** By the database that a queue writes to: several clouds in one process share the prototype. */
const hooksOf = new WeakMap<object, QueueFaultHooks>();
const wrapped = new WeakSet<FaultyQueuePrototype>();

/**
 * Lets standard queues do what AWS says that they do: deliver a message again although it was
 * deleted ("one of the servers that stores a copy of a message might be unavailable when you …
 * delete a message"), and deliver messages in another order than they were sent.
 *
 * A message comes at most once more, and only if it was deleted after its first reception: it never
 * reaches a dead-letter queue by that (but where `maxReceiveCount` is 1).
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/standard-queues-at-least-once-delivery.html
 */
export function injectQueueFaults(
  prototype: FaultyQueuePrototype,
  persistence: object,
  hooks: QueueFaultHooks,
): void {
  hooksOf.set(persistence, hooks);
  if (wrapped.has(prototype)) return;
  wrapped.add(prototype);
  const { enqueue, deleteMessage } = prototype;

  prototype.enqueue = function enqueueLate(message) {
    const hooks = standardHooks(this);
    // A message that was received before is on its way to its dead-letter queue.
    if (hooks && message.delayUntil === undefined && message.approximateReceiveCount === 0) {
      const held = hooks.holdsBack(this.name, message.body);
      if (held > 0) message.delayUntil = Date.now() + held;
    }
    enqueue.call(this, message);
  };

  prototype.deleteMessage = function deletePerhaps(receiptHandle) {
    const message = this.inflightMessages.get(receiptHandle)?.message;
    const hooks = standardHooks(this);
    if (hooks && message?.approximateReceiveCount === 1) {
      if (hooks.keepsDeleted(this.name, message.body)) {
        this.changeVisibility(receiptHandle, 0);
        return true;
      }
    }
    return deleteMessage.call(this, receiptHandle);
  };
}

function standardHooks(queue: Queue): QueueFaultHooks | undefined {
  if (queue.persistence === undefined || queue.isFifo()) return undefined;
  return hooksOf.get(queue.persistence);
}
