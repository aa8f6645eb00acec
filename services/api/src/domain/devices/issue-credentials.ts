import {
  type DeviceCredential,
  type DeviceCredentials,
  type DeviceItem,
  ProblemError,
} from '@millrace/types';
import type { AccessPorts, OwnDevice } from './device-access.ts';
import { deviceOf, updateDevice } from './devices.ts';
import type { IssuedCertificate } from './ports.ts';
import { digestOfKey } from './request-key.ts';
import { SETTLED_AFTER_MS, tendDevice } from './tend-device.ts';

export interface CredentialsOrder extends OwnDevice {
  readonly graceSeconds: number;
  readonly idempotencyKey: string;
  /** New for every attempt. */
  readonly attemptId: string;
}

const MOST_CREDENTIALS = 5;

/**
 * A new certificate for a device; the ones before it retire after the grace. The private key is in
 * the answer and nowhere else, so a repetition cannot be given it: it is refused, and a caller that
 * lost the answer asks with a new key.
 *
 * The certificate is made inactive and attached to the device before the registry knows it: an
 * attempt that dies leaves what `tendDevice` finds and takes away. (One that dies between making and
 * attaching leaves an inactive certificate that is attached to nothing and whose key nobody has.)
 *
 * @throws ProblemError device_not_found, request_in_progress, credentials_already_issued,
 * too_many_credentials, service_unavailable
 */
export async function issueCredentials(
  order: CredentialsOrder,
  now: number,
  ports: AccessPorts,
): Promise<DeviceCredentials> {
  const { tenant, deviceId } = order;
  // A guess at another tenant's device must not have it looked after.
  requireIssuable(await deviceOf(ports.devices, tenant, deviceId), order, now);
  await ports.tasks.plan({ deviceId, dueAt: now + SETTLED_AFTER_MS });
  await updateDevice(ports.devices, order, (device) => {
    requireIssuable(device, order, now);
    const until = new Date(now + SETTLED_AFTER_MS).toISOString();
    return { set: { issuing: { id: order.attemptId, until } } };
  });
  const certificate = await makeCertificate(order, ports);
  const device = await enter(certificate, order, now, ports);
  await ports.identities.setActive(certificate.certificateArn, device.status === 'active');
  if (order.graceSeconds === 0) await tendDevice(deviceId, now, ports);
  return {
    deviceId,
    certificateId: certificate.certificateId,
    certificatePem: certificate.certificatePem,
    privateKey: certificate.privateKey,
    retiring: (device.credentials ?? []).flatMap(({ certificateId, retiresAt }) =>
      retiresAt === undefined ? [] : [{ certificateId, retiresAt }],
    ),
  };
}

async function makeCertificate(
  { tenant, deviceId, attemptId }: CredentialsOrder,
  { identities, devices }: AccessPorts,
): Promise<IssuedCertificate> {
  try {
    await identities.ensureThing(deviceId);
    return await identities.createCertificate();
  } catch (error) {
    // So that a repetition need not wait until this attempt counts as dead.
    const release = (device: DeviceItem) =>
      device.issuing?.id === attemptId ? { remove: ['issuing' as const] } : undefined;
    await updateDevice(devices, { tenant, deviceId }, release).catch(() => {});
    throw error;
  }
}

/** The registry knows the certificate, or it is taken away again. */
async function enter(
  certificate: IssuedCertificate,
  order: CredentialsOrder,
  now: number,
  { identities, devices }: AccessPorts,
): Promise<DeviceItem> {
  const { certificateArn } = certificate;
  try {
    await identities.attach(order.deviceId, certificateArn);
    return await updateDevice(devices, order, (seen) =>
      withCertificate(seen, certificate, order, now),
    );
  } catch (error) {
    // Where the write took place though its answer was lost, the registry must win: the tending looks.
    const known = await devices.find(order.deviceId);
    const isKnown = known?.credentials?.some((one) => one.certificateArn === certificateArn);
    if (!isKnown) await identities.removeCertificate(order.deviceId, certificateArn);
    throw error;
  }
}

function requireIssuable(device: DeviceItem, order: CredentialsOrder, now: number): void {
  const { issuing, credentials = [] } = device;
  if (credentials.some(({ requestKey }) => requestKey === digestOfKey(order.idempotencyKey))) {
    throw new ProblemError(
      'credentials_already_issued',
      'A certificate was made for this Idempotency-Key, and its key is kept nowhere. If the answer was lost, ask with a new Idempotency-Key.',
    );
  }
  if (issuing && Date.parse(issuing.until) > now) {
    throw new ProblemError(
      'request_in_progress',
      'A certificate is being made for this device; repeat the request when that is over.',
      { retryAfterSeconds: Math.ceil((Date.parse(issuing.until) - now) / 1000) },
    );
  }
  if (credentials.length >= MOST_CREDENTIALS && order.graceSeconds > 0) {
    throw new ProblemError(
      'too_many_credentials',
      `The device has ${credentials.length} certificates; wait until one retires, or ask with graceSeconds 0.`,
    );
  }
}

/** What the last caller says of the grace holds for all certificates before its own. */
function withCertificate(
  device: DeviceItem,
  { certificateId, certificateArn }: IssuedCertificate,
  { attemptId, graceSeconds, idempotencyKey }: CredentialsOrder,
  now: number,
) {
  if (device.issuing?.id !== attemptId) {
    throw new ProblemError(
      'service_unavailable',
      'Making the certificate took too long; try again.',
      { retryAfterSeconds: 1 },
    );
  }
  const createdAt = new Date(now).toISOString();
  const retiresAt = new Date(now + graceSeconds * 1000).toISOString();
  const credentials: DeviceCredential[] = [
    ...(device.credentials ?? []).map((before) => ({ ...before, retiresAt })),
    { certificateId, certificateArn, createdAt, requestKey: digestOfKey(idempotencyKey) },
  ];
  return { set: { credentials, updatedAt: createdAt }, remove: ['issuing' as const] };
}
