import { createHash, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIP } from 'node:net';
import {
  bits,
  bool,
  explicit,
  implicit,
  integer,
  octets,
  oid,
  sequence,
  set,
  time,
  utf8,
} from './der.ts';

/** What a certificate says. https://www.rfc-editor.org/rfc/rfc5280 */
export interface CertificateRequest {
  readonly subject: string;
  readonly publicKey: KeyObject;
  /** The common name of the authority, and its private key on the curve P-256. */
  readonly issuer: string;
  readonly issuerKey: KeyObject;
  readonly issuerPublicKey: KeyObject;
  readonly use: 'authority' | 'server' | 'client';
  /** Names and addresses of a server. */
  readonly hosts?: readonly string[];
}

const ECDSA_WITH_SHA256 = sequence(oid('1.2.840.10045.4.3.2'));
const EXTENDED_KEY_USE = { server: oid('1.3.6.1.5.5.7.3.1'), client: oid('1.3.6.1.5.5.7.3.2') };
const DAY_MS = 24 * 60 * 60_000;
/** As long as AWS's own certificates of devices last. */
const NOT_AFTER = new Date('2049-12-31T23:59:59Z');

/** Signs a certificate and returns it in PEM. */
export function issueCertificate(request: CertificateRequest): string {
  const body = sequence(
    explicit(0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(18)])),
    ECDSA_WITH_SHA256,
    commonName(request.issuer),
    sequence(time(new Date(Date.now() - DAY_MS)), time(NOT_AFTER)),
    commonName(request.subject),
    request.publicKey.export({ type: 'spki', format: 'der' }),
    explicit(3, sequence(...extensions(request))),
  );
  const signature = sign('sha256', body, request.issuerKey);
  return pem(sequence(body, ECDSA_WITH_SHA256, bits(signature)));
}

function commonName(name: string): Buffer {
  return sequence(set(sequence(oid('2.5.4.3'), utf8(name))));
}

function extensions({ use, hosts = [], publicKey, issuerPublicKey }: CertificateRequest): Buffer[] {
  const authority = use === 'authority';
  const critical = bool(true);
  // Bit 5 and 6: to sign certificates and lists of revoked ones; bit 0: to sign.
  const keyUse = authority ? bits(Buffer.from([0x06]), 1) : bits(Buffer.from([0x80]), 7);
  const constraints = authority ? sequence(bool(true)) : sequence();
  return [
    sequence(oid('2.5.29.19'), critical, octets(constraints)),
    sequence(oid('2.5.29.15'), critical, octets(keyUse)),
    sequence(oid('2.5.29.14'), octets(octets(keyId(publicKey)))),
    sequence(oid('2.5.29.35'), octets(sequence(implicit(0, keyId(issuerPublicKey))))),
    ...(use === 'authority'
      ? []
      : [sequence(oid('2.5.29.37'), octets(sequence(EXTENDED_KEY_USE[use])))]),
    ...(hosts.length > 0
      ? [sequence(oid('2.5.29.17'), octets(sequence(...hosts.map(alternativeName))))]
      : []),
  ];
}

function keyId(key: KeyObject): Buffer {
  return createHash('sha1')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest();
}

function alternativeName(host: string): Buffer {
  if (isIP(host) === 0) return implicit(2, Buffer.from(host));
  if (isIP(host) === 4) return implicit(7, Buffer.from(host.split('.').map(Number)));
  if (host === '::1') return implicit(7, Buffer.from([...new Array<number>(15).fill(0), 1]));
  throw new Error(`no certificate is issued for the address ${host}`);
}

function pem(der: Buffer): string {
  const lines = der.toString('base64').replace(/.{64}/g, '$&\n').trimEnd();
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}
