import { GetObjectTaggingCommand, HeadObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { PermanentError } from '@millrace/middleware';
import { UploadGone } from '../domain/processor.ts';
import type { Scanner, ScanResult } from '../domain/validation/scanner.ts';
import { isGone } from './s3-errors.ts';

const TAG = 'GuardDutyMalwareScanStatus';

/**
 * Reads what GuardDuty Malware Protection for S3 wrote on the object as a tag.
 * https://docs.aws.amazon.com/guardduty/latest/ug/monitoring-malware-protection-s3-scans-gdu.html
 *
 * Tags are those of the object's current version. Our version was there before they are read; that
 * it still is afterwards makes them its own. The same bytes uploaded twice in between would be
 * taken for it, but are a newer version, which supersedes this one.
 */
export function guardDutyScanner(client: S3Client): Scanner {
  return {
    async scan({ version: { bucket, key, eTag } }) {
      const object = { Bucket: bucket, Key: key };
      try {
        const { TagSet = [] } = await client.send(new GetObjectTaggingCommand(object));
        await client.send(new HeadObjectCommand({ ...object, IfMatch: `"${eTag}"` }));
        return resultOf(TagSet.find(({ Key }) => Key === TAG)?.Value);
      } catch (error) {
        if (isGone(error)) throw new UploadGone();
        throw error;
      }
    },
  };
}

function resultOf(status: string | undefined): ScanResult {
  switch (status) {
    case undefined:
      return { kind: 'pending' };
    case 'NO_THREATS_FOUND':
      return { kind: 'clean' };
    case 'THREATS_FOUND':
      // The tag names no threat; GuardDuty's finding does.
      return { kind: 'infected', name: 'GuardDuty' };
    case 'UNSUPPORTED':
      return { kind: 'unscannable', why: 'unsupported' };
    default:
      // ACCESS_DENIED, FAILED: the tag stays until an operator has the object scanned again.
      throw new PermanentError(
        'scan_failed',
        "GuardDuty could not scan the object. Mend its role's permissions, have the object scanned again, then redrive.",
      );
  }
}
