import {
  CertificateStateException,
  DeleteCertificateCommand,
  DeleteConflictException,
  type IoTClient,
  ResourceNotFoundException,
} from '@aws-sdk/client-iot';
import type { UnclaimedCertificates } from '../domain/provisioning/approve-device.ts';

/**
 * AWS IoT deletes a certificate only while it is neither active nor attached to anything: it decides
 * between a device that is being provisioned with it and one that asks with another.
 * https://docs.aws.amazon.com/iot/latest/apireference/API_DeleteCertificate.html
 */
export function iotUnclaimedCertificates(client: IoTClient): UnclaimedCertificates {
  return {
    async removeUnused(certificateId) {
      try {
        await client.send(new DeleteCertificateCommand({ certificateId }));
        return true;
      } catch (error) {
        if (error instanceof ResourceNotFoundException) return true;
        const isUsed =
          error instanceof CertificateStateException || error instanceof DeleteConflictException;
        if (isUsed) return false;
        throw error;
      }
    },
  };
}
