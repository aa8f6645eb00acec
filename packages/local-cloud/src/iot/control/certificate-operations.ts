import type { Certificate } from '../registry/certificates.ts';
import { type Call, type Operation, pageOf, queryOf, seconds } from './operation.ts';

const CERTIFICATE = /^\/certificates\/([^/]+)$/;
/** What AWS's own certificates of devices end with. */
const NOT_AFTER = Date.UTC(2049, 11, 31, 23, 59, 59);

export const certificateOperations: readonly Operation[] = [
  {
    method: 'POST',
    path: /^\/keys-and-certificate$/,
    async run({ registry, query }) {
      const status = query.get('setAsActive') === 'true' ? 'ACTIVE' : 'INACTIVE';
      const issued = await registry.issueCertificate(status);
      return {
        certificateArn: registry.arn(`cert/${issued.certificateId}`),
        certificateId: issued.certificateId,
        certificatePem: issued.certificatePem,
        keyPair: { PublicKey: issued.publicKeyPem, PrivateKey: issued.privateKeyPem },
      };
    },
  },
  {
    method: 'GET',
    path: CERTIFICATE,
    run(call) {
      const certificate = call.registry.certificates.get(idOf(call));
      const { certificatePem, modifiedAt, createdAt } = certificate;
      return {
        certificateDescription: {
          ...listed(call, certificate),
          certificatePem,
          lastModifiedDate: seconds(modifiedAt),
          ownedBy: call.registry.arn('').split(':')[4],
          validity: { notBefore: seconds(createdAt), notAfter: seconds(NOT_AFTER) },
        },
      };
    },
  },
  {
    method: 'PUT',
    path: CERTIFICATE,
    run(call) {
      call.registry.certificates.setStatus(idOf(call), queryOf(call, 'newStatus'));
      return {};
    },
  },
  {
    method: 'DELETE',
    path: CERTIFICATE,
    run(call) {
      call.registry.removeCertificate(idOf(call), call.query.get('forceDelete') === 'true');
      return {};
    },
  },
  {
    method: 'GET',
    path: /^\/certificates$/,
    run(call) {
      const all = call.registry.certificates.list();
      const { page, next } = pageOf(all, call, { size: 'pageSize', token: 'marker' });
      return { certificates: page.map((one) => listed(call, one)), nextMarker: next };
    },
  },
];

const idOf = ({ path }: Call) => path[0] ?? '';

function listed({ registry }: Call, { certificateId, status, createdAt }: Certificate) {
  return {
    certificateArn: registry.arn(`cert/${certificateId}`),
    certificateId,
    status,
    certificateMode: 'DEFAULT',
    creationDate: seconds(createdAt),
  };
}
