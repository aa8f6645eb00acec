import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DeviceAddress } from './device-link.ts';
import type { Credentials } from './register-fleet.ts';

/** Certificate of the local cloud's authority, or undefined where there is none to be read. */
export async function readAuthority(stateDir: string): Promise<Buffer | undefined> {
  try {
    return await readFile(join(stateDir, 'iot', 'ca.pem'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** A device with a certificate connects over TLS, any other without. */
export function deviceAddresses(
  urls: { readonly mqtt: string; readonly mqtts: string },
  ca: Buffer | undefined,
  credentials: ReadonlyMap<number, Credentials>,
): (index: number) => DeviceAddress {
  return (index) => {
    const own = credentials.get(index);
    if (!own || !ca) return { url: urls.mqtt };
    return {
      url: urls.mqtts,
      credentials: { cert: own.certificatePem, key: own.privateKey, ca },
    };
  };
}
