import {
  CHECKSUM_ALGORITHMS,
  type ChecksumAlgorithm,
  checksumHeader,
  decodeChecksum,
  parseAlgorithm,
} from './checksums.ts';
import { S3Error } from './errors.ts';
import type { S3Request } from './request.ts';

/** What was computed while the body was read. */
export interface BodyDigests {
  readonly md5: Buffer;
  readonly sha256: Buffer | undefined;
  readonly checksums: ReadonlyMap<ChecksumAlgorithm, Buffer>;
}

/** What the headers promise of the body. */
export interface BodyPromises {
  /** Bytes, after decoding. */
  readonly length: number;
  readonly isChunked: boolean;
  readonly contentMd5: Buffer | undefined;
  /** Lower-case hexadecimal. */
  readonly contentSha256: string | undefined;
  /** `value` is missing when it comes in the trailer. */
  readonly checksum: { algorithm: ChecksumAlgorithm; value: Buffer | undefined } | undefined;
}

/** @throws S3Error MissingContentLength, InvalidDigest, InvalidArgument, InvalidRequest */
export function readPromises(request: S3Request): BodyPromises {
  const isChunked =
    request.header('x-amz-content-sha256')?.startsWith('STREAMING-') === true ||
    contentEncodings(request).includes('aws-chunked');
  return {
    isChunked,
    length: promisedLength(request, isChunked),
    contentMd5: promisedMd5(request),
    contentSha256: promisedSha256(request),
    checksum: promisedChecksum(request),
  };
}

export function contentEncodings(request: S3Request): string[] {
  return (request.header('content-encoding') ?? '')
    .split(',')
    .map((encoding) => encoding.trim())
    .filter((encoding) => encoding !== '');
}

function promisedLength(request: S3Request, isChunked: boolean): number {
  const name = isChunked ? 'x-amz-decoded-content-length' : 'content-length';
  const text = request.header(name);
  if (text !== undefined && /^\d{1,15}$/.test(text)) return Number(text);
  if (text === undefined && !isChunked && hasNoBody(request)) return 0;
  throw new S3Error('MissingContentLength');
}

function hasNoBody(request: S3Request): boolean {
  if ('stream' in request.wire) return request.wire.stream.endAfterHeaders;
  return request.header('transfer-encoding') === undefined;
}

function promisedMd5(request: S3Request): Buffer | undefined {
  const text = request.header('content-md5');
  if (text === undefined) return undefined;
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length !== 16) throw new S3Error('InvalidDigest');
  return bytes;
}

function promisedSha256(request: S3Request): string | undefined {
  const text = request.header('x-amz-content-sha256');
  if (text === undefined || text === 'UNSIGNED-PAYLOAD' || text.startsWith('STREAMING-')) {
    return undefined;
  }
  if (/^[0-9a-f]{64}$/i.test(text)) return text.toLowerCase();
  throw new S3Error('InvalidArgument', {
    message:
      'x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER, or a valid sha256 value.',
  });
}

function promisedChecksum(request: S3Request): BodyPromises['checksum'] {
  const inHeader = CHECKSUM_ALGORITHMS.filter((one) => request.header(checksumHeader(one)));
  const trailers = (request.header('x-amz-trailer') ?? '').toLowerCase().split(/\s*,\s*/);
  const inTrailer = CHECKSUM_ALGORITHMS.filter((one) => trailers.includes(checksumHeader(one)));
  const [algorithm, second] = [...inHeader, ...inTrailer];
  if (second !== undefined) {
    throw new S3Error('InvalidRequest', {
      message:
        'Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.',
    });
  }
  const named = request.header('x-amz-sdk-checksum-algorithm');
  if (algorithm === undefined) {
    if (named === undefined) return undefined;
    throw new S3Error('InvalidRequest', {
      message:
        'x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.',
    });
  }
  if (named !== undefined && parseAlgorithm(named) !== algorithm) {
    throw new S3Error('InvalidRequest', {
      message: 'Value for x-amz-sdk-checksum-algorithm header is invalid.',
    });
  }
  const text = request.header(checksumHeader(algorithm));
  return { algorithm, value: text === undefined ? undefined : decodeChecksum(algorithm, text) };
}

/** @throws S3Error BadDigest, XAmzContentSHA256Mismatch, InvalidRequest */
export function verifyPromises(
  promises: BodyPromises,
  digests: BodyDigests,
  trailers: ReadonlyMap<string, string>,
): void {
  if (promises.contentMd5 && !promises.contentMd5.equals(digests.md5)) {
    throw new S3Error('BadDigest', {
      details: {
        ExpectedDigest: promises.contentMd5.toString('base64'),
        CalculatedDigest: digests.md5.toString('base64'),
      },
    });
  }
  const sha256 = digests.sha256?.toString('hex') ?? '';
  if (promises.contentSha256 !== undefined && promises.contentSha256 !== sha256) {
    throw new S3Error('XAmzContentSHA256Mismatch', {
      details: {
        ClientComputedContentSHA256: promises.contentSha256,
        S3ComputedContentSHA256: sha256,
      },
    });
  }
  if (promises.checksum) verifyChecksum(promises.checksum, digests, trailers);
}

function verifyChecksum(
  { algorithm, value }: NonNullable<BodyPromises['checksum']>,
  digests: BodyDigests,
  trailers: ReadonlyMap<string, string>,
): void {
  const trailer = trailers.get(checksumHeader(algorithm));
  if (value === undefined && trailer === undefined) {
    throw new S3Error('InvalidRequest', {
      message: `The trailer ${checksumHeader(algorithm)} was announced but not sent.`,
    });
  }
  const expected = value ?? decodeChecksum(algorithm, trailer ?? '');
  if (digests.checksums.get(algorithm)?.equals(expected)) return;
  throw new S3Error('BadDigest', {
    message: `The ${algorithm} you specified did not match the calculated checksum.`,
  });
}
