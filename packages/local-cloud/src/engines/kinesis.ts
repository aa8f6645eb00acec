import { createDecipheriv } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { systemClock } from '../clock.ts';
import { endWithin } from '../grace.ts';
import type { CloudState } from '../state.ts';
import { type KinesisStore, settleStreams } from './kinesis-store.ts';

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

/** With what kinesalite seals its iterators. */
interface IteratorSeal {
  readonly ITERATOR_PWD_KEY: Buffer;
  readonly ITERATOR_PWD_IV: Buffer;
}

/** The module through which kinesalite opens its database. */
interface Database extends IteratorSeal {
  create(options: unknown): KinesisStore;
}

/** How long closing waits for requests under way. */
const CLOSE_GRACE_MS = 2_000;
/** Streams are ready at once: AWS takes seconds, but nobody learns anything from the wait. */
const TRANSITION_MS = 5;
const SHARD_LIMIT = 500;

export interface EngineAnswer {
  /** HTTP status. */
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface KinesisEngine {
  /** Answers one request of the JSON or CBOR protocol; its body must not have been read. */
  handle(request: IncomingMessage, response: ServerResponse): void;
  /** Carries out one operation of the JSON protocol without any network. */
  call(operation: string, input: Readonly<Record<string, unknown>>): Promise<EngineAnswer>;
  /** Whose records the iterator reads, and from where on; `undefined` when it is none of ours. */
  shardOfIterator(
    iterator: string,
  ): { stream: string; shardId: string; sequenceNumber: string } | undefined;
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
  const [listener] = server.listeners('request');
  if (!listener) throw new Error('kinesalite offers no request handler');
  // A database that cannot be read says so itself, to whoever asks.
  const settled = settleStreams(store).catch(() => undefined);
  const { handle, answered } = trackAnswers(after(settled, listener));
  return {
    handle,
    call: (operation, input) => callHandler(handle, operation, input),
    shardOfIterator: (iterator) => openIterator(iterator, database),
    async close() {
      await settled;
      // What still reads would find the database closed, and throws that out of any call of ours.
      await endWithin(systemClock, CLOSE_GRACE_MS, answered());
      await closeServer(server);
    },
  };
}

function closeServer(server: ReturnType<Kinesalite>): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => {
      // The server never listened: we hand it the edge's requests. Its database is closed.
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

/** Hands on at once what comes when `ready` is over; what comes before waits for it. */
function after(ready: Promise<unknown>, listener: RequestListener): RequestListener {
  let isReady = false;
  void ready.then(() => {
    isReady = true;
  });
  return (request, response) => {
    if (isReady) listener(request, response);
    else void ready.then(() => listener(request, response));
  };
}

/** Knows which requests are not answered yet, also where the caller has hung up. */
function trackAnswers(listener: RequestListener) {
  const underWay = new Set<Promise<void>>();
  const handle: RequestListener = (request, response) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    underWay.add(promise);
    void promise.then(() => underWay.delete(promise));
    const end = response.end.bind(response);
    response.end = ((...args: Parameters<typeof end>) => {
      resolve();
      return end(...args);
    }) as typeof response.end;
    listener(request, response);
  };
  return { handle, answered: () => [...underWay] };
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

/** Gives the handler a request that nobody sent, and reads its answer. */
function callHandler(
  handle: RequestListener,
  operation: string,
  input: Readonly<Record<string, unknown>>,
): Promise<EngineAnswer> {
  const request = Object.assign(Readable.from([Buffer.from(JSON.stringify(input))]), {
    method: 'POST',
    url: '/',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `Kinesis_20131202.${operation}`,
      // The engine looks whether the parts of a signature are there, not what they say.
      authorization: 'AWS4-HMAC-SHA256 Credential=local, SignedHeaders=host, Signature=none',
      'x-amz-date': '20130912T000000Z',
    },
  });
  return new Promise((resolve, reject) => {
    request.on('error', reject);
    const response = {
      statusCode: 200,
      setHeader() {},
      end(body?: string) {
        try {
          resolve({ status: this.statusCode, body: body ? JSON.parse(body) : {} });
        } catch (error) {
          reject(error);
        }
      },
    };
    handle(
      request as unknown as IncomingMessage,
      response as unknown as ServerResponse<IncomingMessage>,
    );
  });
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
