import type { X509Certificate } from 'node:crypto';
import { certificateIdOf } from '../certificates/authority.ts';

/** Who is at the other end of a TLS connection, by the certificate that it proved to have the key of. */
export interface Identity {
  readonly certificateId: string;
  readonly certificatePem: string;
  /** Of the certificate's subject; empty when it has none. */
  readonly commonName: string;
  readonly address: string;
}

export function identityOf(certificate: X509Certificate, address: string): Identity {
  const [, commonName = ''] = /^CN=(.*)$/m.exec(certificate.subject ?? '') ?? [];
  return {
    certificateId: certificateIdOf(certificate),
    certificatePem: certificate.toString(),
    ...{ commonName, address },
  };
}
