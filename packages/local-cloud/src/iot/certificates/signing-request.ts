import { createPublicKey, type KeyObject, verify } from 'node:crypto';

/** A value of ASN.1's distinguished encoding: what it holds, and the whole of its bytes. */
interface Value {
  readonly tag: number;
  readonly content: Buffer;
  readonly whole: Buffer;
}

const SEQUENCE = 0x30;
const BITS = 0x03;

/** Algorithms of signatures by their object identifier, in hexadecimal. */
const HASHES: Readonly<Record<string, string>> = {
  '2a864886f70d01010b': 'sha256', // RSA
  '2a864886f70d01010c': 'sha384',
  '2a864886f70d01010d': 'sha512',
  '2a8648ce3d040302': 'sha256', // ECDSA
  '2a8648ce3d040303': 'sha384',
  '2a8648ce3d040304': 'sha512',
};

/**
 * The public key of a certificate signing request, which is signed by its private one.
 * https://www.rfc-editor.org/rfc/rfc2986#section-4
 *
 * @throws Error when it is no such request, or another signed it
 */
export function readSigningRequest(pem: string): KeyObject {
  const [, base64 = ''] =
    /-----BEGIN (?:NEW )?CERTIFICATE REQUEST-----([\s\S]+?)-----END/.exec(pem) ?? [];
  const [request] = valuesIn(Buffer.from(base64, 'base64'));
  const [info, algorithm, signature] = partsOf(request, SEQUENCE);
  const [, , keyInfo] = partsOf(info, SEQUENCE);
  const [oid] = partsOf(algorithm, SEQUENCE);
  const hash = HASHES[oid?.content.toString('hex') ?? ''];
  if (!info || !keyInfo || signature?.tag !== BITS || hash === undefined) {
    throw new Error('it is not a certificate signing request with a signature that is known here');
  }
  const key = createPublicKey({ key: keyInfo.whole, format: 'der', type: 'spki' });
  // The first byte of a bit string counts the bits that are not used.
  if (verify(hash, info.whole, key, signature.content.subarray(1))) return key;
  throw new Error('its signature is not by its key');
}

function partsOf(value: Value | undefined, tag: number): Value[] {
  return value?.tag === tag ? valuesIn(value.content) : [];
}

function valuesIn(bytes: Buffer): Value[] {
  const values: Value[] = [];
  for (let at = 0; at + 2 <= bytes.length; ) {
    const first = bytes[at + 1] ?? 0;
    const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
    const start = at + 2 + lengthBytes;
    if (lengthBytes > 4 || start > bytes.length) return values;
    const length = lengthBytes === 0 ? first : bytes.readUIntBE(at + 2, lengthBytes);
    const whole = bytes.subarray(at, start + length);
    values.push({ tag: bytes[at] ?? 0, content: bytes.subarray(start, start + length), whole });
    at = start + length;
  }
  return values;
}
