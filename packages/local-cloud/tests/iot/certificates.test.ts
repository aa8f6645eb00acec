import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { certificateIdOf, openAuthority } from '../../src/iot/certificates/authority.ts';
import { type CloudState, openState } from '../../src/state.ts';

let dir: string;
let state: CloudState;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'millrace-authority-'));
  state = openState(dir);
});
afterEach(() => {
  state.close();
  rmSync(dir, { recursive: true, force: true });
});

it('signs a certificate whose key is the one that it hands out', async () => {
  const authority = openAuthority(state);
  const root = new X509Certificate(authority.certificatePem);
  const issued = await authority.issue();
  const certificate = new X509Certificate(issued.certificatePem);
  expect(root.ca).toBe(true);
  expect(root.verify(root.publicKey)).toBe(true);
  expect(certificate.ca).toBe(false);
  expect(certificate.checkIssued(root)).toBe(true);
  expect(certificate.verify(root.publicKey)).toBe(true);
  expect(certificate.checkPrivateKey(createPrivateKey(issued.privateKeyPem))).toBe(true);
  expect(certificate.subject).toBe('CN=AWS IoT Certificate');
  expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
  expect(certificate.validTo).toBe('Dec 31 23:59:59 2049 GMT');
  expect(issued.certificateId).toBe(certificateIdOf(certificate));
  expect(issued.certificateId).toMatch(/^[0-9a-f]{64}$/);
});

it('certifies the server for every name of this machine', () => {
  const authority = openAuthority(state);
  const server = new X509Certificate(authority.serverCredentials().cert);
  expect(server.checkHost('localhost')).toBe('localhost');
  expect(server.checkIP('127.0.0.1')).toBe('127.0.0.1');
  expect(server.checkIP('::1')).toBe('::1');
  expect(server.checkHost('example.com')).toBeUndefined();
});

it('is the same authority after a restart, and its certificate a file', () => {
  const first = openAuthority(state).certificatePem;
  state.close();
  state = openState(dir);
  expect(openAuthority(state).certificatePem).toBe(first);
  expect(readFileSync(join(dir, 'iot/ca.pem'), 'utf8')).toBe(first);
});
