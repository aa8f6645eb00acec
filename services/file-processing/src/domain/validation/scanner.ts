import type { Reason } from '@millrace/types';
import type { Upload } from '../processor.ts';

/** Looks for malware in one version of a file. */
export interface Scanner {
  /**
   * @throws UploadGone when the version has been replaced or removed
   * @throws TransientError `scanner_unavailable` when asking again may help
   * @throws PermanentError `scan_failed` when an operator has to mend the scanner first
   */
  scan(upload: Upload): Promise<ScanResult>;
}

export type ScanResult =
  | { readonly kind: 'clean' }
  | { readonly kind: 'infected'; readonly name: string }
  /** The scanner works by itself and has not answered yet: ask again later. */
  | { readonly kind: 'pending' }
  | { readonly kind: 'unscannable'; readonly why: Unscannable };

/** `too_large` for the scanner's limits, `encrypted`, or of a form that it does not know. */
type Unscannable = 'too_large' | 'encrypted' | 'unsupported';

/** What becomes of a file that the scanner cannot look into. */
export type UnscannablePolicy = 'reject' | 'allow';

export type ScanVerdict =
  | { readonly kind: 'passed' }
  | { readonly kind: 'pending' }
  | { readonly kind: 'rejected'; readonly reason: Reason };

export function judgeScan(result: ScanResult, unscannable: UnscannablePolicy): ScanVerdict {
  switch (result.kind) {
    case 'clean':
      return { kind: 'passed' };
    case 'pending':
      return { kind: 'pending' };
    case 'infected':
      return rejected(
        'malware_found',
        `The file contains malware (${printableName(result.name)}). Check the computer it came from.`,
      );
    case 'unscannable':
      return unscannable === 'allow'
        ? { kind: 'passed' }
        : rejected('not_scannable', NOT_SCANNABLE[result.why]);
  }
}

const NOT_SCANNABLE: Readonly<Record<Unscannable, string>> = {
  too_large: 'The file is larger than what can be scanned for malware. Upload it in smaller parts.',
  encrypted:
    'The file is encrypted and cannot be scanned for malware. Upload it without a password.',
  unsupported: 'The file cannot be scanned for malware. Save it in another format.',
};

function rejected(code: string, message: string): ScanVerdict {
  return { kind: 'rejected', reason: { code, message } };
}

/** The names of some signatures hold parts of what was scanned. */
function printableName(name: string): string {
  return name.replace(/[^\w.:/+-]/g, '_').slice(0, 80) || 'unnamed';
}
