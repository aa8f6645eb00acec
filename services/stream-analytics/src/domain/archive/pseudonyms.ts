import { createHmac } from 'node:crypto';
import { eachConcurrently } from '@millrace/middleware';
import type { Pseudonyms } from '../../pipelines/cleansing/cleanse.ts';

export interface PseudonymKeys {
  /**
   * The key of a tenant, made when it is asked for the first time; the same ever after, for everybody.
   *
   * @throws PermanentError `pseudonym_key_invalid`
   */
  keyOf(tenant: string): Promise<Uint8Array>;
}

/** Keys that an environment keeps; what is beyond is asked for again. */
const MOST_KEYS = 10_000;
/** How long a key is used after it was deleted. */
const KEPT_MS = 600_000;
const READS_AT_ONCE = 10;

type Timely = <T>(read: () => Promise<T>) => Promise<T>;

export interface NamedTenants {
  readonly pseudonyms: Pseudonyms;
  /** Tenants whose keys could not be had, and why. */
  readonly failures: ReadonlyMap<string, unknown>;
}

/** Who is who without saying who: by HMAC-SHA256 with the tenant's key, 128 bits of it. */
export class PseudonymMaker {
  readonly #keys: PseudonymKeys;
  readonly #now: () => number;
  readonly #known = new Map<string, { readonly key: Uint8Array; readonly until: number }>();

  /** @param now milliseconds. */
  constructor(keys: PseudonymKeys, now = Date.now) {
    this.#keys = keys;
    this.#now = now;
  }

  /**
   * Pseudonyms for these tenants, whose keys are read where they are not known yet.
   *
   * @param timely refuses to begin a reading when there is no time left.
   */
  async forTenants(
    tenants: ReadonlySet<string>,
    timely: Timely = (read) => read(),
  ): Promise<NamedTenants> {
    const keys = new Map<string, Uint8Array>();
    const failures = new Map<string, unknown>();
    await eachConcurrently([...tenants], READS_AT_ONCE, async (tenant) => {
      try {
        keys.set(tenant, await this.#keyOf(tenant, timely));
      } catch (cause) {
        failures.set(tenant, cause);
      }
    });
    const pseudonyms: Pseudonyms = (tenant, text) => {
      const key = keys.get(tenant);
      if (!key) throw new TypeError('There is no key of this tenant.');
      const digest = createHmac('sha256', key).update(text).digest();
      return `p_${digest.subarray(0, 16).toString('base64url')}`;
    };
    return { pseudonyms, failures };
  }

  async #keyOf(tenant: string, timely: Timely): Promise<Uint8Array> {
    const known = this.#known.get(tenant);
    if (known && known.until > this.#now()) return known.key;
    const until = this.#now() + KEPT_MS;
    const key = await timely(() => this.#keys.keyOf(tenant));
    if (this.#known.size >= MOST_KEYS) this.#known.clear();
    this.#known.set(tenant, { key, until });
    return key;
  }
}
