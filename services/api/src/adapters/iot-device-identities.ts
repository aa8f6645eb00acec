import { setTimeout as sleep } from 'node:timers/promises';
import {
  AttachPolicyCommand,
  AttachThingPrincipalCommand,
  CreateKeysAndCertificateCommand,
  CreateThingCommand,
  DeleteCertificateCommand,
  DeleteConflictException,
  DeleteThingCommand,
  DescribeCertificateCommand,
  DetachThingPrincipalCommand,
  InvalidRequestException,
  type IoTClient,
  ListThingPrincipalsCommand,
  ResourceAlreadyExistsException,
  ResourceNotFoundException,
  UpdateCertificateCommand,
} from '@aws-sdk/client-iot';
import type { IoTDataPlaneClient } from '@aws-sdk/client-iot-data-plane';
import type { DeviceIdentities } from '../domain/devices/ports.ts';
import { removeShadow } from './iot-shadows.ts';

/** Milliseconds. What is detached hangs together for some seconds: a delete is tried again after these. */
const WAITS_MS = [200, 800, 2_000];

/**
 * AWS IoT's registry. A thing's name is the device id.
 * https://docs.aws.amazon.com/iot/latest/apireference/API_Operations_AWS_IoT.html
 */
export function iotDeviceIdentities(
  client: IoTClient,
  broker: IoTDataPlaneClient,
  policyName: string,
): DeviceIdentities {
  return {
    async ensureThing(thingName) {
      try {
        await client.send(new CreateThingCommand({ thingName }));
      } catch (error) {
        // Somebody gave the thing attributes: it is there.
        if (!(error instanceof ResourceAlreadyExistsException)) throw error;
      }
    },
    async createCertificate() {
      const { certificateId, certificateArn, certificatePem, keyPair } = await client.send(
        new CreateKeysAndCertificateCommand({ setAsActive: false }),
      );
      const privateKey = keyPair?.PrivateKey;
      if (!certificateId || !certificateArn || !certificatePem || !privateKey) {
        throw new TypeError('AWS IoT made a certificate and did not tell all of it.');
      }
      return { certificateId, certificateArn, certificatePem, privateKey };
    },
    async attach(thingName, principal) {
      if (await isPending(client, principal)) return;
      const done = await unlessGone(async () => {
        await client.send(new AttachPolicyCommand({ policyName, target: principal }));
        await client.send(new AttachThingPrincipalCommand({ thingName, principal }));
      });
      // Was it the certificate that is gone? Without its policy or thing the device would be locked out.
      const isThere = done || (await statusOf(client, principal)) !== undefined;
      if (!done && isThere) {
        throw new TypeError(`The policy ${policyName} or the thing of the device is not there.`);
      }
    },
    async setActive(certificateArn, isActive) {
      if (await isPending(client, certificateArn)) return;
      await unlessGone(() => setStatus(client, certificateArn, isActive));
    },
    async listCertificates(thingName) {
      const arns: string[] = [];
      await unlessGone(async () => {
        for (let nextToken: string | undefined; ; ) {
          const page = await client.send(new ListThingPrincipalsCommand({ thingName, nextToken }));
          arns.push(...(page.principals ?? []));
          nextToken = page.nextToken;
          if (!nextToken) return;
        }
      });
      return arns;
    },
    async removeCertificate(thingName, principal) {
      await unlessGone(() => setStatus(client, principal, false));
      await unlessGone(() =>
        client.send(new DetachThingPrincipalCommand({ thingName, principal })),
      );
      const certificateId = idOf(principal);
      // By force: with the policy that is attached to it.
      const remove = () =>
        client.send(new DeleteCertificateCommand({ certificateId, forceDelete: true }));
      await unlessGone(() => onceDetached(remove));
    },
    async removeThing(thingName) {
      // Who has the device id next must not see what it should have been.
      await removeShadow(broker, thingName);
      const remove = () => client.send(new DeleteThingCommand({ thingName }));
      await unlessGone(() => onceDetached(remove));
    },
  };
}

function setStatus(client: IoTClient, certificateArn: string, isActive: boolean) {
  const newStatus = isActive ? 'ACTIVE' : 'INACTIVE';
  const certificateId = idOf(certificateArn);
  return client.send(new UpdateCertificateCommand({ certificateId, newStatus }));
}

/** Undefined where there is no such certificate. */
async function statusOf(client: IoTClient, arn: string): Promise<string | undefined> {
  let status: string | undefined;
  await unlessGone(async () => {
    const found = await client.send(new DescribeCertificateCommand({ certificateId: idOf(arn) }));
    status = found.certificateDescription?.status;
  });
  return status;
}

/**
 * Whether it was handed out and its device has not come for it yet: what becomes of it then is said
 * by the provisioning template, all at once, and in an hour it is gone.
 */
async function isPending(client: IoTClient, arn: string): Promise<boolean> {
  return (await statusOf(client, arn)) === 'PENDING_ACTIVATION';
}

/** Whether it was there. */
async function unlessGone(act: () => Promise<unknown>): Promise<boolean> {
  try {
    await act();
    return true;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return false;
    throw error;
  }
}

async function onceDetached(remove: () => Promise<unknown>): Promise<void> {
  for (const wait of [...WAITS_MS, undefined]) {
    try {
      await remove();
      return;
    } catch (error) {
      const isAttached =
        error instanceof DeleteConflictException || error instanceof InvalidRequestException;
      if (!isAttached || wait === undefined) throw error;
      await sleep(wait);
    }
  }
}

/** `arn:aws:iot:<region>:<account>:cert/<id>` */
function idOf(certificateArn: string): string {
  return certificateArn.slice(certificateArn.lastIndexOf('/') + 1);
}
