import type { S3Client } from '@aws-sdk/client-s3';
import { ConfigError } from '@millrace/middleware';
import type { Scanner } from '../domain/validation/scanner.ts';
import { clamdScanner } from './clamd-scanner.ts';
import { guardDutyScanner } from './guard-duty-scanner.ts';

export interface ScannerConfig {
  readonly SCANNER?: 'none' | 'clamd' | 'guard-duty' | undefined;
  /** `host:port` or the path of a unix socket. */
  readonly CLAMD_ADDRESS?: string | undefined;
  /** clamd's `StreamMaxLength`, bytes. */
  readonly CLAMD_MAX_BYTES?: number | undefined;
}

/** @throws ConfigError when clamd is chosen and its address is missing */
export function scannerFrom(
  { SCANNER = 'none', CLAMD_ADDRESS, CLAMD_MAX_BYTES }: ScannerConfig,
  { s3 }: { readonly s3: S3Client },
): Scanner {
  switch (SCANNER) {
    case 'none':
      return unscanned;
    case 'guard-duty':
      return guardDutyScanner(s3);
    case 'clamd':
      if (!CLAMD_ADDRESS) {
        throw new ConfigError(
          'SCANNER is clamd, so CLAMD_ADDRESS must be its host:port or socket.',
        );
      }
      return clamdScanner({
        address: CLAMD_ADDRESS,
        ...(CLAMD_MAX_BYTES !== undefined && { maxBytes: CLAMD_MAX_BYTES }),
      });
  }
}

/** Without a scanner nothing is looked for, and no record claims that anything was. */
const unscanned: Scanner = { scan: async () => ({ kind: 'clean' }) };
