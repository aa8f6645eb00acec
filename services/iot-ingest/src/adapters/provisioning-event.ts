import { PermanentError } from '@millrace/middleware';
import { describeViolations, validate } from '@millrace/types';
import * as z from 'zod/mini';
import type { ProvisioningRequest } from '../domain/provisioning/approve-device.ts';

/** https://docs.aws.amazon.com/iot/latest/developerguide/pre-provisioning-hook.html */
const HookEvent = z.object({
  claimCertificateId: z.optional(z.string()),
  certificateId: z.string(),
  templateArn: z.string(),
  clientId: z.optional(z.string()),
  parameters: z.record(z.string(), z.string()),
});

/** @throws PermanentError when something else than AWS IoT invoked the function */
export function readProvisioningEvent(event: unknown): ProvisioningRequest {
  const read = validate(HookEvent, event);
  if (!read.ok) {
    const why = describeViolations(read.violations);
    throw new PermanentError('provisioning_event_invalid', `This is no provisioning event: ${why}`);
  }
  const { certificateId, templateArn, parameters, claimCertificateId = '' } = read.value;
  // Both are of one account and region: arn:aws:iot:<region>:<account>:provisioningtemplate/<name>
  const place = templateArn.split(':').slice(0, 5).join(':');
  return {
    ...{ serialNumber: parameters.SerialNumber, claimCode: parameters.ClaimCode },
    ...{ certificateId, certificateArn: `${place}:cert/${certificateId}` },
    ...{ claimCertificateId, clientId: read.value.clientId ?? '' },
  };
}
