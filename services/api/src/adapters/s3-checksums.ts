import type { Checksum } from '@millrace/types';

const ALGORITHMS = [
  'CRC64NVME',
  'CRC32',
  'CRC32C',
  'SHA256',
] as const satisfies readonly Checksum['algorithm'][];

type ChecksumMembers = {
  readonly [Algorithm in Checksum['algorithm'] as `Checksum${Algorithm}`]?: string | undefined;
};

/** As the SDK's inputs have it: `{ChecksumCRC32: 'AAAAAA=='}`. */
export function checksumMember(checksum: Checksum | undefined): ChecksumMembers {
  return checksum ? { [`Checksum${checksum.algorithm}`]: checksum.value } : {};
}

/** As a request has it: `{'x-amz-checksum-crc32': 'AAAAAA=='}`. */
export function checksumHeader(checksum: Checksum | undefined): Readonly<Record<string, string>> {
  return checksum ? { [`x-amz-checksum-${checksum.algorithm.toLowerCase()}`]: checksum.value } : {};
}

/** Of an object or a part; undefined where S3 has none that a sender could name. */
export function readChecksum(members: ChecksumMembers): Checksum | undefined {
  for (const algorithm of ALGORITHMS) {
    const value = members[`Checksum${algorithm}`];
    if (value !== undefined) return { algorithm, value };
  }
  return undefined;
}
