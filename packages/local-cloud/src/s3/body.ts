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

export type BodyConsumer<T> = (chunks: AsyncIterable<Uint8Array>) => Promise<T>;

/**
 * Streams the request's body into `consume`, computing the checksums on the way. The chunks throw
 * at their end when the body is shorter than promised or a checksum differs, so that a consumer
 * that stores them on success stores nothing wrong.
 *
 * @throws S3Error MissingContentLength, IncompleteBody, BadDigest, InvalidDigest, InvalidRequest,
 *   XAmzContentSHA256Mismatch
 */
export async function receiveBody<T>(
  request: S3Request,
  algorithms: (promised: ChecksumAlgorithm | undefined) => readonly ChecksumAlgorithm[],
  consume: BodyConsumer<T>,
): Promise<ReceivedBody<T>> {
  const promises = readPromises(request);
  const promised = promises.checksum?.algorithm;
  const meter = createMeter([...(promised ? [promised] : []), ...algorithms(promised)], promises);
  const result = await consume(measured(request, promises, meter));
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

async function* measured(
  request: S3Request,
  promises: BodyPromises,
  meter: Meter,
): AsyncGenerator<Uint8Array> {
  const decoder = promises.isChunked ? new AwsChunkedDecoder() : undefined;
  for await (const bytes of wireBytes(request)) {
    for (const chunk of decoder ? decoder.decode(bytes) : [bytes]) {
      meter.update(chunk);
      if (meter.size() > promises.length) throw new S3Error('IncompleteBody');
      yield chunk;
    }
  }
  decoder?.end();
  if (meter.size() !== promises.length) throw new S3Error('IncompleteBody');
  verifyPromises(promises, meter.digests(), decoder?.trailers ?? new Map());
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
