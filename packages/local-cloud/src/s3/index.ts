import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import type { S3ObjectEvent } from '../ports.ts';
import type { CloudState } from '../state.ts';
import { createBucketTable } from './bucket-table.ts';
import { type BucketOptions, removeBucket, saveBucket } from './buckets.ts';
import { createContentStore } from './content-store.ts';
import type { S3Context } from './context.ts';
import { corsHeaders } from './cors.ts';
import { S3Error, toS3Error } from './errors.ts';
import { createLifecycleRun } from './lifecycle-run.ts';
import { identify, parseRequest, type RequestIdentity, type WireRequest } from './request.ts';
import { abort, errorResponse, type S3Response, send, type WireResponse } from './response.ts';
import { route } from './router.ts';
import { createSequence, createTables } from './schema.ts';
import { createUploadTable } from './upload-table.ts';
import { createVersionTable } from './version-table.ts';

export type { BucketOptions } from './buckets.ts';

export interface S3Options {
  readonly state: CloudState;
  readonly clock: Clock;
  /** Secrets by access key id: presigned URLs are verified with them. */
  readonly credentials: ReadonlyMap<string, string>;
  /** Called inside the transaction that stores or removes the object; a throw undoes that. */
  readonly onEvent: (event: S3ObjectEvent) => void;
  readonly region: string;
  readonly accountId: string;
}

export interface BucketSummary {
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly created: number;
}

export interface S3Engine {
  /** Serves one request of the S3 REST API to its end. Never rejects. */
  handle(req: WireRequest, res: WireResponse): Promise<void>;
  /**
   * Creates the bucket or, where it exists, gives it this configuration; what `options` leaves away
   * is off, as in a template.
   *
   * @throws S3Error InvalidBucketName
   */
  createBucket(name: string, options?: BucketOptions): void;
  /** @throws S3Error NoSuchBucket, BucketNotEmpty */
  deleteBucket(name: string): void;
  listBuckets(): BucketSummary[];
  /** Refuses new requests and resolves when those under way have ended. */
  close(): Promise<void>;
}

/** How long a repeated CompleteMultipartUpload still gets its answer. */
const COMPLETED_UPLOAD_MS = 24 * 60 * 60_000;

/**
 * A durable S3: metadata and small objects in the shared database, the bytes of all others in files
 * under `<state folder>/s3`. An object's row, the end of the object that it replaces and the event
 * are one transaction.
 */
export function createS3(options: S3Options): S3Engine {
  const context = createContext({ ...options, lifecycleChanged: () => lifecycle.notify() });
  const lifecycle = createLifecycleRun(context);
  lifecycle.start();
  const running = new Set<Promise<void>>();
  let isClosed = false;

  return {
    handle(req, res) {
      const work = serve(context, req, res, isClosed).finally(() => running.delete(work));
      running.add(work);
      return work;
    },
    createBucket: (name, bucketOptions = {}) => saveBucket(context, name, bucketOptions),
    deleteBucket: (name) => removeBucket(context, name),
    listBuckets: () => context.buckets.list().map(({ name, created }) => ({ name, created })),
    async close() {
      isClosed = true;
      await Promise.all(running);
      await lifecycle.close();
      await context.content.settle();
    },
  };
}

function createContext(options: S3Options & Pick<S3Context, 'lifecycleChanged'>): S3Context {
  const { state, clock } = options;
  createTables(state);
  const versions = createVersionTable(state);
  const uploads = createUploadTable(state);
  const content = createContentStore(join(state.dir, 's3'), state);
  uploads.forgetCompleted(clock.now() - COMPLETED_UPLOAD_MS);
  const known = new Set([...versions.files(), ...uploads.files()]);
  content.sweep((file) => known.has(file));
  return {
    ...options,
    buckets: createBucketTable(state),
    versions,
    uploads,
    content,
    sequence: createSequence(state, () => clock.now()),
  };
}

async function serve(
  context: S3Context,
  req: WireRequest,
  res: WireResponse,
  isClosed: boolean,
): Promise<void> {
  const identity = identify(req);
  try {
    const response = await answer(context, req, identity, isClosed);
    const headers = {
      'x-amz-request-id': identity.requestId,
      'x-amz-id-2': identity.hostId,
      server: 'AmazonS3',
      ...response.headers,
    };
    await send(res, { ...response, headers }, { isHead: req.method === 'HEAD' });
  } catch {
    // The content broke off, or the client did: either way the answer cannot be mended any more.
    abort(res);
  } finally {
    // What the operation did not read of the body would keep the connection from its next request.
    req.resume();
  }
}

async function answer(
  context: S3Context,
  req: WireRequest,
  identity: RequestIdentity,
  isClosed: boolean,
): Promise<S3Response> {
  let cors: Record<string, string> = {};
  try {
    if (isClosed) throw new S3Error('ServiceUnavailable');
    const request = parseRequest(req, identity);
    cors = corsHeaders(context, request);
    const response = await route(context, request);
    return { ...response, headers: { ...cors, ...response.headers } };
  } catch (thrown) {
    const error = toS3Error(thrown, context.state.dir);
    if (error.status === 500) {
      // The client learns nothing internal; the request id leads the operator here.
      console.error(`s3: request ${identity.requestId} (${req.method}) failed:`, error.cause);
    }
    const response = errorResponse(error, (req.url ?? '/').split('?', 1)[0] ?? '/', identity);
    return { ...response, headers: { ...cors, ...response.headers } };
  }
}
