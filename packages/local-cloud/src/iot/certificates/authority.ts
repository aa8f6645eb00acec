import {
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  generateKeyPairSync,
  type KeyObject,
  X509Certificate,
} from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { CloudState } from '../../state.ts';
import { issueCertificate } from './issue.ts';

/** The local stand-in for Amazon's certificate authority; made once per state folder. */
export interface Authority {
  /** In PEM: what devices trust. */
  readonly certificatePem: string;
  /** Key and certificate of the MQTT port, for `localhost`, `127.0.0.1` and `::1`. */
  serverCredentials(): { readonly key: string; readonly cert: string };
  /** A new key pair and its certificate, as CreateKeysAndCertificate makes them. */
  issue(): Promise<IssuedCertificate>;
  /** A certificate for the key of somebody who keeps its private half. */
  certify(publicKey: KeyObject): Omit<IssuedCertificate, 'privateKeyPem' | 'publicKeyPem'>;
}

export interface IssuedCertificate {
  /** AWS's: the SHA-256 fingerprint, in lower-case hexadecimal. */
  readonly certificateId: string;
  readonly certificatePem: string;
  readonly publicKeyPem: string;
  readonly privateKeyPem: string;
}

const NAME = 'Millrace local CA';
const HOSTS = ['localhost', '127.0.0.1', '::1'];

const pkcs8 = { type: 'pkcs8', format: 'pem' } as const;
const spki = { type: 'spki', format: 'pem' } as const;

/**
 * Opens the authority of the state folder. Its certificate is `iot/ca.pem` there, for devices; its
 * key is `iot/ca.key`, for whoever wants to sign a certificate for a thing's name.
 */
export function openAuthority({ db, dir }: CloudState): Authority {
  db.exec(`CREATE TABLE IF NOT EXISTS iot_authority (
    id INTEGER PRIMARY KEY CHECK (id = 1), key TEXT NOT NULL, certificate TEXT NOT NULL) STRICT`);
  const kept = db.prepare('SELECT key, certificate FROM iot_authority').get();
  const { key, certificate } = kept
    ? { key: String(kept.key), certificate: String(kept.certificate) }
    : create();
  if (!kept) db.prepare('INSERT INTO iot_authority VALUES (1, ?, ?)').run(key, certificate);
  const files = join(dir, 'iot');
  mkdirSync(files, { recursive: true });
  writeFileSync(join(files, 'ca.pem'), certificate);
  writeFileSync(join(files, 'ca.key'), key, { mode: 0o600 });

  const issuerKey = createPrivateKey(key);
  const issuer = { issuer: NAME, issuerKey, issuerPublicKey: createPublicKey(issuerKey) };

  function certify(publicKey: KeyObject) {
    const subject = 'AWS IoT Certificate';
    const certificatePem = issueCertificate({ ...issuer, subject, publicKey, use: 'client' });
    return { certificateId: certificateIdOf(new X509Certificate(certificatePem)), certificatePem };
  }

  return {
    certify,
    certificatePem: certificate,
    serverCredentials() {
      const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const request = { ...issuer, subject: 'localhost', publicKey, hosts: HOSTS };
      return {
        key: String(privateKey.export(pkcs8)),
        cert: issueCertificate({ ...request, use: 'server' }),
      };
    },
    async issue() {
      const { publicKey, privateKey } = await promisify(generateKeyPair)('rsa', {
        modulusLength: 2048,
      });
      return {
        ...certify(publicKey),
        publicKeyPem: String(publicKey.export(spki)),
        privateKeyPem: String(privateKey.export(pkcs8)),
      };
    },
  };
}

function create(): { key: string; certificate: string } {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const certificate = issueCertificate({
    ...{ subject: NAME, publicKey, use: 'authority' },
    ...{ issuer: NAME, issuerKey: privateKey, issuerPublicKey: publicKey },
  });
  return { key: String(privateKey.export(pkcs8)), certificate };
}

export function certificateIdOf(certificate: X509Certificate): string {
  return certificate.fingerprint256.replaceAll(':', '').toLowerCase();
}
