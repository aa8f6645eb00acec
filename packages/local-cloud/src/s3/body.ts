import { AwsChunkedDecoder } from './aws-chunked.ts';
import {
  type BodyDigests,
  type BodyPromises,
  readPromises,
  verifyPromises,
} from './body-promises.ts';
import { type ChecksumAlgorithm, createDigester, type Digester } from './checksums.ts';
import { S3Error } from './errors.ts';
import type { S3Request } from './request.ts';

/** What is known of a body after it has been read to its end and has kept every promise. */
export interface ReceivedBody<T> {
  readonly result: T;
  /** Bytes, after decoding. */
  readonly size: number;
  readonly md5: Buffer;
  readonly checksums: ReadonlyMap<ChecksumAlgorithm, Buffer>;
  /** The algorithm of the checksum that the sender gave. */
  readonly promised: ChecksumAlgorithm | undefined;
}

/** A whole body at hand, or one that is still coming in. */
export type Chunks = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/** Up to this many bytes on the wire, a body is waited for instead of being streamed. */
const SHORT_BYTES = 64 * 1024;

const MAX_BODY_BYTES = 5 * 1024 ** 3;

/**
 * Streams the request's body into `consume`, computing the checksums on the way. The chunks throw
 * at their end when the body is shorter than promised or a checksum differs, so that a consumer
 * that stores them on success stores nothing wrong.
 *
 * @throws S3Error MissingContentLength, EntityTooLarge, IncompleteBody, BadDigest, InvalidDigest,
 *   InvalidRequest, XAmzContentSHA256Mismatch
 */
export async function receiveBody<T>(
  request: S3Request,
  algorithms: (promised: ChecksumAlgorithm | undefined) => readonly ChecksumAlgorithm[],
  consume: (chunks: Chunks) => Promise<T>,
): Promise<ReceivedBody<T>> {
  const promises = readPromises(request);
  refuseTooLarge(promises.length);
  const promised = promises.checksum?.algorithm;
  const meter = createMeter([...(promised ? [promised] : []), ...algorithms(promised)], promises);
  const intake = createIntake(promises, meter);
  const result = await consume(
    isShort(request) ? takeWhole(await shortBody(request), intake) : takeStream(request, intake),
  );
  const { md5, checksums } = meter.digests();
  return { result, size: meter.size(), md5, checksums, promised };
}

/** Reads a small body (a document) whole. @throws S3Error MalformedXML when it is too long */
export async function receiveText(request: S3Request, limit = 8 * 1024 * 1024): Promise<string> {
  const body = await receiveBody(
    request,
    () => [],
    async (chunks) => {
      const pieces: Uint8Array[] = [];
      let size = 0;
      for await (const chunk of chunks) {
        size += chunk.length;
        if (size > limit) throw new S3Error('MalformedXML');
        pieces.push(chunk);
      }
      return Buffer.concat(pieces).toString();
    },
  );
  return body.result;
}

/** The largest object or part that one request may make. @throws S3Error EntityTooLarge */
export function refuseTooLarge(bytes: number): void {
  if (bytes <= MAX_BODY_BYTES) return;
  throw new S3Error('EntityTooLarge', {
    details: { ProposedSize: String(bytes), MaxSizeAllowed: String(MAX_BODY_BYTES) },
  });
}

/** Turns what comes over the wire into what was sent, and holds it against what was promised. */
interface Intake {
  take(bytes: Uint8Array): Iterable<Uint8Array>;
  /** Call when the body is over. */
  end(): void;
}

function createIntake(promises: BodyPromises, meter: Meter): Intake {
  const decoder = promises.isChunked ? new AwsChunkedDecoder() : undefined;
  return {
    *take(bytes) {
      for (const chunk of decoder ? decoder.decode(bytes) : [bytes]) {
        meter.update(chunk);
        if (meter.size() > promises.length) throw new S3Error('IncompleteBody');
        yield chunk;
      }
    },
    end() {
      decoder?.end();
      if (meter.size() !== promises.length) throw new S3Error('IncompleteBody');
      verifyPromises(promises, meter.digests(), decoder?.trailers ?? new Map());
    },
  };
}

function takeWhole(pieces: readonly Uint8Array[], intake: Intake): Uint8Array[] {
  const chunks = pieces.flatMap((bytes) => [...intake.take(bytes)]);
  intake.end();
  return chunks;
}

async function* takeStream(request: S3Request, intake: Intake): AsyncGenerator<Uint8Array> {
  for await (const bytes of wireBytes(request)) yield* intake.take(bytes);
  intake.end();
}

function isShort(request: S3Request): boolean {
  return Number(request.header('content-length')) <= SHORT_BYTES;
}

/** Plain events: the turns that a stream's iterator takes are most of the time of a short body. */
function shortBody({ wire }: S3Request): Promise<Uint8Array[]> {
  return new Promise((resolve, reject) => {
    const pieces: Uint8Array[] = [];
    const breakOff = (cause?: Error) => reject(new S3Error('IncompleteBody', { cause }));
    if (wire.destroyed && !wire.complete) breakOff();
    wire.on('data', (piece: Uint8Array) => pieces.push(piece));
    wire.on('end', () => resolve(pieces));
    wire.on('error', breakOff);
    wire.on('close', breakOff);
  });
}

/**
 * The body's bytes. The request is left open when the reader gives up: the answer still has to go
 * out on the same connection.
 */
async function* wireBytes(request: S3Request): AsyncGenerator<Uint8Array> {
  const chunks: AsyncIterable<Uint8Array> = request.wire.iterator({ destroyOnReturn: false });
  try {
    yield* chunks;
  } catch (cause) {
    throw new S3Error('IncompleteBody', { cause });
  }
}

interface Meter {
  update(bytes: Uint8Array): void;
  size(): number;
  digests(): BodyDigests;
}

function createMeter(algorithms: readonly ChecksumAlgorithm[], promises: BodyPromises): Meter {
  const md5 = createDigester('MD5');
  const digesters = new Map<ChecksumAlgorithm, Digester>(
    algorithms.map((algorithm) => [algorithm, createDigester(algorithm)]),
  );
  if (promises.contentSha256 !== undefined && !digesters.has('SHA256')) {
    digesters.set('SHA256', createDigester('SHA256'));
  }
  let size = 0;
  let digests: BodyDigests | undefined;
  return {
    update(bytes) {
      size += bytes.length;
      md5.update(bytes);
      for (const digester of digesters.values()) digester.update(bytes);
    },
    size: () => size,
    digests() {
      if (digests) return digests;
      const checksums = new Map(
        [...digesters].map(([algorithm, digester]) => [algorithm, digester.digest()]),
      );
      digests = { md5: md5.digest(), sha256: checksums.get('SHA256'), checksums };
      return digests;
    },
  };
}
