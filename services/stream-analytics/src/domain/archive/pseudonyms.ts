import { createHmac } from 'node:crypto';
import type { Pseudonyms } from '../../pipelines/cleansing/cleanse.ts';

export interface PseudonymKeys {
  /** The key of a tenant, made when it is asked for the first time; the same ever after, for everybody. */
  keyOf(tenant: string): Promise<Uint8Array>;
}

/** Keys that an environment keeps; what is beyond is asked for again. */
const MOST_KEYS = 1_000;

/** Who is who without saying who: by HMAC-SHA256 with the tenant's key, 128 bits of it. */
export class PseudonymMaker {
  readonly #keys: PseudonymKeys;
  readonly #known = new Map<string, Uint8Array>();

  constructor(keys: PseudonymKeys) {
    this.#keys = keys;
  }

  /** Pseudonyms for these tenants, whose keys are read where they are not known yet. */
  async forTenants(tenants: ReadonlySet<string>): Promise<Pseudonyms> {
    const keys = new Map<string, Uint8Array>();
    for (const tenant of tenants) {
      keys.set(tenant, this.#known.get(tenant) ?? (await this.#keys.keyOf(tenant)));
    }
    if (this.#known.size + keys.size > MOST_KEYS) this.#known.clear();
    for (const [tenant, key] of keys) this.#known.set(tenant, key);
    return (tenant, text) => {
      const key = keys.get(tenant);
      if (!key) throw new TypeError('The key of this tenant was not asked for.');
      const digest = createHmac('sha256', key).update(text).digest();
      return `p_${digest.subarray(0, 16).toString('base64url')}`;
    };
  }
}
