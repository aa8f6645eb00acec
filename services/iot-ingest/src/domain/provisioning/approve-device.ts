import { timingSafeEqual } from 'node:crypto';
import { claimCodeDigest, TransientError } from '@millrace/middleware';
import { DEFAULT_DEVICE_QUOTA, DeviceId, type DeviceItem, validate } from '@millrace/types';
import type { DeviceQuotas } from '../quota/device-quotas.ts';

/** What a device that has only the certificate of its claim asks for. */
export interface ProvisioningRequest {
  readonly serialNumber: string | undefined;
  readonly claimCode: string | undefined;
  readonly certificateId: string;
  readonly certificateArn: string;
  /** Of the certificate that it has connected with. */
  readonly claimCertificateId: string;
  readonly clientId: string;
}

export type ClaimedDevice = Pick<
  DeviceItem,
  'deviceId' | 'status' | 'deletedAt' | 'claim' | 'credentials' | 'revision'
>;

export interface ClaimStore {
  find(deviceId: string): Promise<ClaimedDevice | undefined>;
  /** Writes the claim and the certificates of the device as it was read; false where it is another by now. */
  use(
    seen: ClaimedDevice,
    changes: Required<Pick<ClaimedDevice, 'claim' | 'credentials'>>,
    now: number,
  ): Promise<boolean>;
}

export interface UnclaimedCertificates {
  /**
   * Takes a certificate out of the world that was handed out and never came into use. When this
   * says true, nobody can ever connect with it.
   * @returns false where it is in use
   */
  removeUnused(certificateId: string): Promise<boolean>;
}

/** Stable; operators see them among the dead letters. The device is told only that it was refused. */
export type ClaimRefusalCode =
  | 'serial_number_invalid'
  | 'claim_unknown'
  | 'claim_used'
  | 'claim_code_wrong'
  | 'claimed_device_disabled';

export const CLAIM_REFUSALS: Readonly<Record<ClaimRefusalCode, string>> = {
  serial_number_invalid: 'SerialNumber must be the device id: 1–64 letters, digits, _ or -.',
  claim_unknown:
    'No claim is open for this serial number: register the device and open one with POST /v1/devices/{id}/claim.',
  claim_used:
    'The claim was used for another certificate. Where the device lost its key, open a new claim.',
  claim_code_wrong: 'ClaimCode is not the one of the claim.',
  claimed_device_disabled: 'The device is disabled: enable it, and let it try again.',
};

export interface RefusedClaims {
  /** Keeps what was refused and why, without the code; idempotent. */
  keepOnce(
    request: ProvisioningRequest,
    refusal: { readonly code: ClaimRefusalCode; readonly message: string },
  ): Promise<void>;
}

export interface ProvisioningPorts {
  readonly claims: ClaimStore;
  readonly certificates: UnclaimedCertificates;
  readonly quotas: DeviceQuotas;
  readonly refused: RefusedClaims;
}

export type Approval = 'approved' | 'refused' | 'over_quota';

const MOST_ATTEMPTS = 4;

/**
 * Decides whether a device is given the certificate that it holds out, and writes the certificate
 * down with the device before it can be used: so a claim is used once, and what the registry does
 * not know never connects. A device may ask again with the same certificate, and with another as
 * long as the one before never came into use.
 *
 * @throws whatever a port cannot do now: the device is refused, and may ask again
 */
export async function approveDevice(
  request: ProvisioningRequest,
  now: number,
  ports: ProvisioningPorts,
): Promise<Approval> {
  const code = await useClaim(request, now, ports);
  if (code === undefined) return 'approved';
  // Whoever has the certificate of a claim can try all serial numbers: only so many are kept.
  const sender = `claim/${request.claimCertificateId}`;
  const quota = await ports.quotas.take(sender, now, DEFAULT_DEVICE_QUOTA);
  if (!quota.isTaken) return 'over_quota';
  await ports.refused.keepOnce(request, { code, message: CLAIM_REFUSALS[code] });
  return 'refused';
}

/** @returns why not, where it is refused */
async function useClaim(
  request: ProvisioningRequest,
  now: number,
  { claims, certificates }: ProvisioningPorts,
): Promise<ClaimRefusalCode | undefined> {
  const { serialNumber, certificateId } = request;
  if (serialNumber === undefined || !validate(DeviceId, serialNumber).ok) {
    return 'serial_number_invalid';
  }
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
    const device = await claims.find(serialNumber);
    const code = refusalOf(device, request);
    if (code !== undefined || !device?.claim) return code ?? 'claim_unknown';
    const { claim, credentials = [] } = device;
    const holder = claim.certificateId;
    if (holder === certificateId) {
      const isKnown = credentials.some((one) => one.certificateId === certificateId);
      return isKnown ? undefined : 'claim_used';
    }
    // Decided by the broker: a certificate that came into use meanwhile cannot be taken away.
    if (holder !== undefined && !(await certificates.removeUnused(holder))) return 'claim_used';
    const claimedAt = new Date(now).toISOString();
    const used = await claims.use(
      device,
      {
        claim: { ...claim, certificateId, claimedAt },
        credentials: [
          ...credentials.filter((one) => one.certificateId !== holder),
          { certificateId, certificateArn: request.certificateArn, createdAt: claimedAt },
        ],
      },
      now,
    );
    if (used) return undefined;
  }
  throw new TransientError('claim_contended', 'The device is changed by others; it may ask again.');
}

function refusalOf(
  device: ClaimedDevice | undefined,
  { claimCode = '' }: ProvisioningRequest,
): ClaimRefusalCode | undefined {
  if (!device?.claim || device.deletedAt !== undefined) return 'claim_unknown';
  const { deviceId, claim, status } = device;
  if (claim.codeDigest !== undefined) {
    const said = Buffer.from(claimCodeDigest(deviceId, claimCode));
    if (!timingSafeEqual(said, Buffer.from(claim.codeDigest))) return 'claim_code_wrong';
  }
  return status === 'active' ? undefined : 'claimed_device_disabled';
}
