import { createHash } from 'node:crypto';
import { combineCrc, createCrc32, createCrc32c, createCrc64Nvme } from './crc.ts';
import { S3Error } from './errors.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html */
export const CHECKSUM_ALGORITHMS = ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const;
export type ChecksumAlgorithm = (typeof CHECKSUM_ALGORITHMS)[number];
export type ChecksumType = 'FULL_OBJECT' | 'COMPOSITE';

/** What AWS computes for an object whose sender named no checksum. */
export const DEFAULT_CHECKSUM: ChecksumAlgorithm = 'CRC64NVME';

/** `value` is base64; a composite one ends in `-` and the number of parts. */
export interface Checksum {
  readonly algorithm: ChecksumAlgorithm;
  readonly type: ChecksumType;
  readonly value: string;
}

const LENGTHS: Record<ChecksumAlgorithm, number> = {
  CRC32: 4,
  CRC32C: 4,
  CRC64NVME: 8,
  SHA1: 20,
  SHA256: 32,
};

export interface Digester {
  update(bytes: Uint8Array): void;
  digest(): Buffer;
}

export function createDigester(algorithm: ChecksumAlgorithm | 'MD5'): Digester {
  switch (algorithm) {
    case 'CRC32':
      return createCrc32();
    case 'CRC32C':
      return createCrc32c();
    case 'CRC64NVME':
      return createCrc64Nvme();
    default:
      return createHash(algorithm.toLowerCase());
  }
}

/** The name of the header, e.g. `x-amz-checksum-crc32`. */
export function checksumHeader(algorithm: ChecksumAlgorithm): string {
  return `x-amz-checksum-${algorithm.toLowerCase()}`;
}

/** The name of the element in request and response documents, e.g. `ChecksumCRC32`. */
export function checksumElement(algorithm: ChecksumAlgorithm): string {
  return `Checksum${algorithm}`;
}

/** @throws S3Error InvalidRequest */
export function parseAlgorithm(text: string): ChecksumAlgorithm {
  const found = CHECKSUM_ALGORITHMS.find((algorithm) => algorithm === text.toUpperCase());
  if (found) return found;
  throw new S3Error('InvalidRequest', {
    message: `Checksum algorithm provided is unsupported. Please try again with any of the valid types: [${CHECKSUM_ALGORITHMS.join(', ')}]`,
  });
}

/** @throws S3Error InvalidRequest when the text is not the base64 of a digest of the right length */
export function decodeChecksum(algorithm: ChecksumAlgorithm, text: string): Buffer {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length !== LENGTHS[algorithm] || bytes.toString('base64') !== text) {
    throw new S3Error('InvalidRequest', {
      message: `Value for ${checksumHeader(algorithm)} header is invalid.`,
    });
  }
  return bytes;
}

export interface PartChecksum {
  readonly digest: Buffer;
  readonly size: number;
}

/** The checksum of an object that was assembled from `parts`. */
export function combineChecksums(
  algorithm: ChecksumAlgorithm,
  type: ChecksumType,
  parts: readonly PartChecksum[],
): Checksum {
  return type === 'COMPOSITE' ? composite(algorithm, parts) : fullObject(algorithm, parts);
}

function composite(algorithm: ChecksumAlgorithm, parts: readonly PartChecksum[]): Checksum {
  const digester = createDigester(algorithm);
  for (const part of parts) digester.update(part.digest);
  const value = `${digester.digest().toString('base64')}-${parts.length}`;
  return { algorithm, type: 'COMPOSITE', value };
}

function fullObject(algorithm: ChecksumAlgorithm, parts: readonly PartChecksum[]): Checksum {
  if (algorithm === 'SHA1' || algorithm === 'SHA256') {
    throw new S3Error('InvalidRequest', {
      message: `The FULL_OBJECT checksum type cannot be used with the ${algorithm.toLowerCase()} checksum algorithm.`,
    });
  }
  const digest = parts
    .slice(1)
    .reduce(
      (sum, part) => combineCrc(algorithm, sum, part.digest, part.size),
      parts[0]?.digest ?? createDigester(algorithm).digest(),
    );
  return { algorithm, type: 'FULL_OBJECT', value: digest.toString('base64') };
}

/** The headers that show a checksum to a client that asked for it. */
export function checksumHeaders(checksum: Checksum | undefined): Record<string, string> {
  if (!checksum) return {};
  return {
    [checksumHeader(checksum.algorithm)]: checksum.value,
    'x-amz-checksum-type': checksum.type,
  };
}

/** The elements that show a checksum in a response document. */
export function checksumElements(checksum: Checksum | undefined): Record<string, string> {
  if (!checksum) return {};
  return { [checksumElement(checksum.algorithm)]: checksum.value, ChecksumType: checksum.type };
}
