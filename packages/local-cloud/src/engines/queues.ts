import type { IncomingMessage, ServerResponse } from 'node:http';
import { findPackageJSON } from 'node:module';
import { dirname, join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import type { CloudState } from '../state.ts';
import {
  type FaultyQueuePrototype,
  injectQueueFaults,
  type QueueFaultHooks,
} from './queue-faults.ts';
import { passTime, type TimedQueue } from './queue-time.ts';

export interface QueuesEngine {
  /** Answers one SQS (JSON) or SNS (query) request. */
  handle(request: IncomingMessage, response: ServerResponse): void;
  /** How full the queue of this ARN is; undefined where there is none. */
  describe(arn: string): QueueDescription | undefined;
  /** Lets so many milliseconds pass at once for visibility timeouts and delays. */
  advance(ms: number): void;
  close(): Promise<void>;
}

export interface QueueDescription {
  /** Messages that could be received now. */
  readonly messages: number;
  /** Received and neither deleted nor visible again. */
  readonly inFlight: number;
  readonly delayed: number;
  /** Where its redrive policy sends what was received too often. */
  readonly deadLetterArn?: string;
}

/** What we use of fauxqs beside its public `buildApp`. */
interface Queue extends TimedQueue {
  persistence?: Persistence;
  getAttribute(name: string): string | undefined;
}
interface Store {
  region?: string;
  host?: string;
  persistence?: Persistence;
  allQueues(): Iterable<Queue>;
  getQueueByArn(arn: string): Queue | undefined;
}
interface Persistence {
  readonly db: DatabaseSync;
  loadSqsAndSns(queues: Store, topics: Store): void;
  updateMessageReady(messageId: string): void;
  close(): void;
}
interface QueuePrototype {
  dequeue(this: Queue, ...args: unknown[]): unknown;
}
interface Fauxqs {
  SqsStore: new () => Store;
  SqsQueue: { prototype: QueuePrototype & FaultyQueuePrototype };
  SnsStore: new () => Store;
  S3Store: new () => Store;
  PersistenceManager: new (dataDir: string) => Persistence;
  INVALID_MESSAGE_BODY_CHAR: RegExp;
}

/**
 * SQS, SNS and SNS → SQS: fauxqs inside this process, durable in `<stateDir>/sqs/fauxqs.db`.
 * Its ready-made server listens on every interface of the machine, so we assemble its parts and
 * hand it the edge's requests instead: no port is opened.
 *
 * @param options.edgeUrl where clients reach the edge: queue URLs begin with it
 */
export async function startQueues(options: {
  readonly state: CloudState;
  readonly edgeUrl: string;
  readonly region: string;
  readonly accountId: string;
  readonly faults?: QueueFaultHooks;
}): Promise<QueuesEngine> {
  const { buildApp } = await import('fauxqs');
  const parts = await loadParts();
  const persistence = new parts.PersistenceManager(join(options.state.dir, 'sqs'));
  // As in our own database: enough for kill -9, and not one disk flush per message.
  persistence.db.exec('PRAGMA synchronous=NORMAL');
  moveQueueUrls(persistence.db, options.edgeUrl, options.accountId);
  keepReceiveCount(persistence);

  const sqsStore = new parts.SqsStore();
  const snsStore = new parts.SnsStore();
  // Queue URLs take the host that the client used: no made-up name that may not resolve.
  sqsStore.host = '';
  // Loading first, wiring after: a store that persists while it loads would delete its own rows.
  persistence.loadSqsAndSns(sqsStore, snsStore);
  sqsStore.persistence = persistence;
  snsStore.persistence = persistence;
  for (const queue of sqsStore.allQueues()) queue.persistence = persistence;
  receiveAtomically(parts.SqsQueue.prototype);
  takeAllCharacters(parts.INVALID_MESSAGE_BODY_CHAR);
  if (options.faults) injectQueueFaults(parts.SqsQueue.prototype, persistence, options.faults);

  const stores = { sqsStore, snsStore, s3Store: new parts.S3Store() };
  const app = buildApp({
    logger: false,
    defaultRegion: options.region,
    stores: stores as unknown as NonNullable<NonNullable<Parameters<typeof buildApp>[0]>['stores']>,
  });
  await app.ready();
  return {
    handle: (request, response) => app.routing(request, response),
    describe: (arn) => describeQueue(sqsStore.getQueueByArn(arn)),
    advance: (ms) => passTime(persistence.db, sqsStore.allQueues(), ms),
    async close() {
      await app.close();
      persistence.close();
    },
  };
}

function describeQueue(queue: Queue | undefined): QueueDescription | undefined {
  if (!queue) return undefined;
  const count = (name: string) => Number(queue.getAttribute(name) ?? 0);
  const redrive: unknown = JSON.parse(queue.getAttribute('RedrivePolicy') || '{}');
  const { deadLetterTargetArn } = redrive as { deadLetterTargetArn?: string };
  return {
    messages: count('ApproximateNumberOfMessages'),
    inFlight: count('ApproximateNumberOfMessagesNotVisible'),
    delayed: count('ApproximateNumberOfMessagesDelayed'),
    ...(deadLetterTargetArn !== undefined && { deadLetterArn: deadLetterTargetArn }),
  };
}

async function loadParts(): Promise<Fauxqs> {
  const manifest = findPackageJSON('fauxqs', import.meta.url);
  if (!manifest) throw new Error('the package fauxqs is not installed');
  const load = (file: string) => import(pathToFileURL(join(dirname(manifest), 'dist', file)).href);
  const [sqs, types, sns, s3, persistence] = await Promise.all([
    load('sqs/sqsStore.js'),
    load('sqs/sqsTypes.js'),
    load('sns/snsStore.js'),
    load('s3/s3Store.js'),
    load('persistence.js'),
  ]);
  return { ...sqs, ...types, ...sns, ...s3, ...persistence };
}

/** Queue URLs are stored with the port of the cloud that made them; this cloud may have another. */
function moveQueueUrls(db: DatabaseSync, edgeUrl: string, accountId: string): void {
  db.prepare("UPDATE sqs_queues SET url = ? || '/' || ? || '/' || name").run(edgeUrl, accountId);
}

/**
 * `ChangeMessageVisibility` to 0 writes NULL into the receive count of fauxqs's table, which forbids
 * it: the call fails and the message is gone until the next start. AWS keeps the count.
 */
function keepReceiveCount(persistence: Persistence): void {
  const ready = persistence.db.prepare(
    'UPDATE sqs_messages SET receipt_handle = NULL, visibility_deadline = NULL WHERE message_id = ?',
  );
  persistence.updateMessageReady = (messageId) => {
    ready.run(messageId);
  };
}

/**
 * fauxqs looks at halves of characters and refuses emoji; SQS takes U+10000 to U+10FFFF.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
 */
function takeAllCharacters(invalid: RegExp): void {
  const refused = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u;
  invalid.test = (text) => refused.test(text);
}

const atomic = new WeakSet<QueuePrototype>();

/**
 * A receive may move a message to the dead-letter queue: fauxqs deletes it in one statement and
 * inserts it in another, and a kill between the two would lose it. One transaction keeps it whole.
 */
function receiveAtomically(prototype: QueuePrototype): void {
  if (atomic.has(prototype)) return;
  atomic.add(prototype);
  const { dequeue } = prototype;
  prototype.dequeue = function dequeueAtomically(this: Queue, ...args: unknown[]) {
    const db = this.persistence?.db;
    if (!db || db.isTransaction) return dequeue.apply(this, args);
    db.exec('BEGIN IMMEDIATE');
    try {
      const received = dequeue.apply(this, args);
      db.exec('COMMIT');
      return received;
    } catch (error) {
      if (db.isTransaction) db.exec('ROLLBACK');
      throw error;
    }
  };
}
