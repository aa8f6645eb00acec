import { createHash } from 'node:crypto';
import type { DeadLetterStore } from '@millrace/middleware';
import type { RefusedClaims } from '../domain/provisioning/approve-device.ts';

/** Refused devices among the dead letters of `source`; one that tries again and again is one letter. */
export function deadLetterRefusedClaims(
  deadLetters: DeadLetterStore,
  source: string,
): RefusedClaims {
  return {
    keepOnce({ serialNumber = '', clientId, claimCertificateId, certificateId }, reason) {
      const shown = { serialNumber, clientId, claimCertificateId, certificateId };
      const identity = [serialNumber, claimCertificateId, certificateId, reason.code].join('\n');
      return deadLetters.addOnce({
        ...{ source, reason, payload: Buffer.from(JSON.stringify(shown)) },
        id: createHash('sha256').update(identity).digest('hex'),
        attributes: { deviceId: serialNumber, clientId, claimCertificateId },
      });
    },
  };
}
