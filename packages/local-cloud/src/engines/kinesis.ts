import { createDecipheriv } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { systemClock } from '../clock.ts';
import { endWithin } from '../grace.ts';
import type { CloudState } from '../state.ts';
import { createKinesisLog, type KinesisLog } from './kinesis-reader.ts';
import { type KinesisStore, settleStreams } from './kinesis-store.ts';
import { rememberStreams } from './kinesis-streams.ts';
import { createKinesisTails } from './kinesis-tail.ts';
import { createRecordWriter, type PutRecords } from './kinesis-writer.ts';

/** What we use of kinesalite, which comes without types. */
type Kinesalite = (options: {
  path: string;
  createStreamMs: number;
  deleteStreamMs: number;
  updateStreamMs: number;
  shardLimit: number;
}) => {
  listeners(event: 'request'): RequestListener[];
  close(done: (error?: Error) => void): void;
};

type Input = Readonly<Record<string, unknown>>;

/** One operation of kinesalite: what it checks of its input, and what it does. */
interface Operation {
  readonly check: { readonly types: unknown; readonly custom?: unknown };
  readonly carryOut: (
    store: KinesisStore,
    input: object,
    done: (error: object | null | undefined, answer?: Input) => void,
  ) => void;
}

interface Validations {
  checkTypes(input: object, types: unknown): object;
  checkValidations(input: object, types: unknown, custom: unknown, operation: string): void;
}

/** With what kinesalite seals its iterators. */
interface IteratorSeal {
  readonly ITERATOR_PWD_KEY: Buffer;
  readonly ITERATOR_PWD_IV: Buffer;
}

/** The module through which kinesalite opens its database. */
interface Database extends IteratorSeal {
  create(options: unknown): KinesisStore;
}

/** How long closing waits for what is under way. */
const CLOSE_GRACE_MS = 2_000;
/** Streams are ready at once: AWS takes seconds, but nobody learns anything from the wait. */
const TRANSITION_MS = 5;
const SHARD_LIMIT = 500;

const PUTS = new Set(['PutRecord', 'PutRecords']);

export interface EngineAnswer {
  /** HTTP status. */
  readonly status: number;
  readonly body: Input;
}

export interface KinesisEngine {
  /**
   * Refuses, as AWS does, a request that does not say what is wanted or who wants it; its body must
   * not have been read.
   */
  readonly refuse: RequestListener;
  /** Carries out one operation. Rejects when the database does not answer. */
  call(operation: string, input: Input): Promise<EngineAnswer>;
  /** PutRecords for entries that are known to be valid, by a shorter way. */
  readonly put: PutRecords;
  /** Reading by a shorter way. */
  readonly log: KinesisLog;
  /** Whose records the iterator reads, and from where on; `undefined` when it is none of ours. */
  shardOfIterator(
    iterator: string,
  ): { stream: string; shardId: string; sequenceNumber: string } | undefined;
  /** Calls `listener` when a stream has new records, before who put them is told. */
  onStored(listener: (stream: string) => void): void;
  close(): Promise<void>;
}

/**
 * Kinesis: kinesalite inside this process over LevelDB in `<stateDir>/kinesis`. LevelDB hands each
 * write to the kernel before it is acknowledged, so `kill -9` loses none.
 */
export function startKinesis(options: {
  readonly state: CloudState;
  readonly region: string;
  readonly accountId: string;
}): KinesisEngine {
  const load = createRequire(import.meta.url);
  const kinesalite: Kinesalite = load('kinesalite');
  const database: Database = load('kinesalite/db');
  const { made: server, store } = withEnvironment(
    { AWS_REGION: options.region, AWS_ACCOUNT_ID: options.accountId },
    () =>
      storeOf(database, () =>
        kinesalite({
          path: join(options.state.dir, 'kinesis'),
          createStreamMs: TRANSITION_MS,
          deleteStreamMs: TRANSITION_MS,
          updateStreamMs: TRANSITION_MS,
          shardLimit: SHARD_LIMIT,
        }),
      ),
  );
  const [refuse] = server.listeners('request');
  if (!refuse) throw new Error('kinesalite offers no request handler');
  const listeners: ((stream: string) => void)[] = [];
  const tell = (stream: string) => {
    for (const listener of listeners) listener(stream);
  };
  const tails = createKinesisTails();
  store.metaDb.on('del', tails.forget);
  const streams = rememberStreams(store);
  const log = createKinesisLog(store, streams, tails);
  const put = createRecordWriter({
    ...{ store, streams },
    onStored(stream, records) {
      tails.add(stream, records);
      tell(stream);
    },
  });
  const call = createCalls(load, store, ({ StreamName }) => {
    tails.forget(String(StreamName));
    tell(String(StreamName));
  });
  // A database that cannot be read says so itself, to whoever asks.
  const settled = settleStreams(store).catch(() => undefined);
  const { track, underWay } = trackWork(settled);
  return {
    refuse,
    put: (...asked) => track(() => put(...asked)),
    log: {
      describe: (...asked) => track(() => log.describe(...asked)),
      read: (...asked) => track(() => log.read(...asked)),
    },
    call: (...asked) => track(() => call(...asked)),
    shardOfIterator: (iterator) => openIterator(iterator, database),
    onStored: (listener) => void listeners.push(listener),
    async close() {
      await settled;
      // What still reads would find the database closed, and throws that out of any call of ours.
      await endWithin(systemClock, CLOSE_GRACE_MS, underWay());
      await closeServer(server);
    },
  };
}

function closeServer(server: ReturnType<Kinesalite>): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => {
      // The server never listened: what it would do is asked of it directly. Its database is closed.
      if (!error || (error as NodeJS.ErrnoException).code === 'ERR_SERVER_NOT_RUNNING') resolve();
      else reject(error);
    });
  });
}

/** What `make` makes, and the database that it opened for itself. */
function storeOf<T>(database: Database, make: () => T): { made: T; store: KinesisStore } {
  const { create } = database;
  let store: KinesisStore | undefined;
  database.create = (options) => {
    store = create(options);
    return store;
  };
  try {
    const made = make();
    if (!store) throw new Error('kinesalite opened no database');
    return { made, store };
  } finally {
    database.create = create;
  }
}

/** Work that begins when `ready` is over, and what of it has not ended. */
function trackWork(ready: Promise<unknown>) {
  const underWay = new Set<Promise<unknown>>();
  let isReady = false;
  void ready.then(() => {
    isReady = true;
  });
  function track<T>(work: () => Promise<T>): Promise<T> {
    const result = isReady ? work() : ready.then(work);
    underWay.add(result);
    const ended = () => void underWay.delete(result);
    result.then(ended, ended);
    return result;
  }
  return { track, underWay: () => [...underWay] };
}

/**
 * The operations of kinesalite without the server around them. `stored` is called when one may have
 * stored records, before anybody else may write to the stream.
 */
function createCalls(load: NodeJS.Require, store: KinesisStore, stored: (input: Input) => void) {
  const { checkTypes, checkValidations }: Validations = load('kinesalite/validations');
  const known = new Map<string, Operation>();

  function find(name: string): Operation {
    const file = `${name[0]?.toLowerCase()}${name.slice(1)}`;
    const operation = known.get(name) ?? {
      check: load(`kinesalite/validations/${file}`),
      carryOut: load(`kinesalite/actions/${file}`),
    };
    known.set(name, operation);
    return operation;
  }

  return (name: string, input: Input): Promise<EngineAnswer> =>
    new Promise((resolve, reject) => {
      const refused = (error: object) => {
        if ('statusCode' in error && 'body' in error) {
          resolve({ status: Number(error.statusCode), body: error.body as Input });
        } else reject(error);
      };
      try {
        const { check, carryOut } = find(name);
        // It removes from its input what it does not know.
        const checked = checkTypes(structuredClone(input), check.types);
        checkValidations(checked, check.types, check.custom, name);
        carryOut(store, checked, (error, answer) => {
          if (PUTS.has(name)) stored(input);
          if (error) refused(error);
          else resolve({ status: 200, body: answer ?? {} });
        });
      } catch (error) {
        refused(error as object);
      }
    });
}

/** An iterator is eight bytes of version, then `time/stream/shard/sequence/…` under a key of its own. */
function openIterator(
  iterator: string,
  { ITERATOR_PWD_KEY, ITERATOR_PWD_IV }: IteratorSeal,
): ReturnType<KinesisEngine['shardOfIterator']> {
  try {
    const decipher = createDecipheriv('aes-256-cbc', ITERATOR_PWD_KEY, ITERATOR_PWD_IV);
    const sealed = Buffer.from(iterator, 'base64').subarray(8);
    const text = Buffer.concat([decipher.update(sealed), decipher.final()]).toString('utf8');
    const [, stream, shardId, sequenceNumber] = text.split('/');
    return stream && shardId && sequenceNumber ? { stream, shardId, sequenceNumber } : undefined;
  } catch {
    // Made up; the engine refuses it.
    return undefined;
  }
}

/** kinesalite takes the region and account of its ARNs from the environment, once, when created. */
function withEnvironment<T>(variables: Record<string, string>, work: () => T): T {
  const before = new Map(Object.keys(variables).map((name) => [name, process.env[name]]));
  Object.assign(process.env, variables);
  try {
    return work();
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}
