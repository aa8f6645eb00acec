import { createHash } from 'node:crypto';

/** What is kept of the code that a device must say to fetch its certificate: the API keeps it, iot-ingest compares. */
export function claimCodeDigest(deviceId: string, code: string): string {
  return createHash('sha256').update(`${deviceId}\n${code}`).digest('hex');
}
