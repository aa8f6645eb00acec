import type { KeyObject } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import type { CloudState } from '../../state.ts';
import {
  type Authority,
  type IssuedCertificate,
  openAuthority,
} from '../certificates/authority.ts';
import { type Attachments, createAttachments } from './attachments.ts';
import { type CertificateStatus, type Certificates, createCertificates } from './certificates.ts';
import { invalid } from './iot-error.ts';
import { createPolicies, type Policies } from './policies.ts';
import { createThings, type Things } from './things.ts';

/** Everything that AWS IoT's control plane keeps, in the state folder. */
export interface Registry {
  readonly authority: Authority;
  readonly things: Things;
  readonly certificates: Certificates;
  readonly policies: Policies;
  /** Thing name → certificate id. */
  readonly principals: Attachments;
  /** Policy name → target ARN. */
  readonly targets: Attachments;
  arn(resource: string): string;
  /** The id of the certificate that a principal's ARN names. @throws IotError InvalidRequestException */
  certificateIdOf(principalArn: string): string;
  /** Makes a key pair and its certificate. */
  issueCertificate(status: CertificateStatus): Promise<IssuedCertificate>;
  /** Makes a certificate for a key; its private half stays with who asks. */
  certifyKey(
    publicKey: KeyObject,
    status: CertificateStatus,
  ): Pick<IssuedCertificate, 'certificateId' | 'certificatePem'>;
  /** @throws IotError InvalidRequestException while certificates are attached */
  removeThing(name: string, expectedVersion?: number): void;
  /** @throws IotError as Certificates.remove; `force` takes its policies from it first */
  removeCertificate(id: string, force: boolean): void;
}

export function createRegistry(options: {
  readonly state: CloudState;
  readonly clock: Clock;
  readonly region: string;
  readonly accountId: string;
}): Registry {
  const { state, clock, region, accountId } = options;
  const authority = openAuthority(state);
  const things = createThings(state);
  const certificates = createCertificates(state, clock);
  const principals = createAttachments(state, 'iot_thing_certificates');
  const targets = createAttachments(state, 'iot_policy_targets');
  const arn = (resource: string) => `arn:aws:iot:${region}:${accountId}:${resource}`;

  return {
    ...{ authority, things, certificates, principals, targets, arn },
    policies: createPolicies(state, clock),
    certificateIdOf(principal) {
      const [, id] = /^arn:aws:iot:[\w-]+:\d{12}:cert\/([0-9a-f]{64})$/.exec(principal) ?? [];
      if (!id) throw invalid(`The principal ${principal} is not a certificate's ARN.`);
      return id;
    },
    async issueCertificate(status) {
      const issued = await authority.issue();
      certificates.add(issued.certificateId, issued.certificatePem, status);
      return issued;
    },
    certifyKey(publicKey, status) {
      const issued = authority.certify(publicKey);
      certificates.add(issued.certificateId, issued.certificatePem, status);
      return issued;
    },
    removeThing(name, expectedVersion) {
      if (principals.rightsOf(name).length > 0) {
        throw invalid(`Thing ${name} has certificates: detach them before it is deleted.`);
      }
      things.remove(name, expectedVersion);
    },
    removeCertificate(id, force) {
      const target = arn(`cert/${id}`);
      const policies = targets.leftsOf(target);
      const attached = principals.leftsOf(id).length > 0 || (policies.length > 0 && !force);
      state.transaction(() => {
        certificates.remove(id, attached);
        for (const policy of policies) targets.detach(policy, target);
      });
    },
  };
}
