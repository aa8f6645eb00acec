import type { DeviceQuota } from '@millrace/types';
import {
  mostUse,
  type QuotaUse,
  type QuotaWindow,
  quotaWindowOf,
  secondsUntilNext,
} from './quota-window.ts';

/** What all environments count in common. */
export interface QuotaCounter {
  /**
   * Adds `count` to the use of a sender unless it would be above `most` then.
   * @returns the use that there is then, and whether `count` is in it
   */
  add(
    sender: string,
    window: QuotaWindow,
    count: number,
    most: QuotaUse,
  ): Promise<{ readonly added: boolean; readonly use: QuotaUse }>;
}

export type QuotaAnswer =
  | { readonly isTaken: true; giveBack(): void }
  | { readonly isTaken: false; readonly retryAfterSeconds: number };

export interface DeviceQuotas {
  /** Counts one message of a sender that arrived then (milliseconds since the epoch). */
  take(sender: string, arrivedAt: number, quota: DeviceQuota): Promise<QuotaAnswer>;
}

/** Taken from the common count at once, at most. */
const MOST_AHEAD = 8;
/** Senders and minutes that are remembered at most; the oldest is forgotten first. */
const CAPACITY = 1_000;

interface Account {
  /** Taken from the common count and not used yet. */
  ahead: number;
  /** How often this environment asked the common count. */
  asked: number;
  /** Set once nothing is left: the common count only grows. */
  refusal: { readonly retryAfterSeconds: number; readonly quota: DeviceQuota } | undefined;
}

/**
 * Counts in common, in few writes: an environment that hears a sender often takes several messages
 * ahead, and one that was told that nothing is left does not ask again in that minute. So more than
 * the quota is never taken; a few less may be, where several environments took ahead.
 */
export function leasedQuotas(counter: QuotaCounter): DeviceQuotas {
  const accounts = new Map<string, Account>();
  return {
    async take(sender, arrivedAt, quota) {
      const window = quotaWindowOf(arrivedAt);
      const account = accountOf(accounts, `${sender}\n${window.startsAt}\n${window.minute}`);
      if (account.ahead > 0) account.ahead -= 1;
      else {
        const refusal = refusalFor(account, quota);
        if (refusal) return { isTaken: false, retryAfterSeconds: refusal.retryAfterSeconds };
        const taken = await takeAhead(counter, account, { sender, window, quota });
        if ('use' in taken) {
          const retryAfterSeconds = secondsUntilNext(arrivedAt, quota, taken.use);
          account.refusal = { retryAfterSeconds, quota };
          return { isTaken: false, retryAfterSeconds };
        }
        account.ahead += taken.count - 1;
      }
      return {
        isTaken: true,
        giveBack() {
          account.ahead += 1;
        },
      };
    },
  };
}

/** A quota that was raised since is asked for again. */
function refusalFor({ refusal }: Account, quota: DeviceQuota) {
  const isSame =
    refusal?.quota.perMinute === quota.perMinute && refusal.quota.burst === quota.burst;
  return isSame ? refusal : undefined;
}

async function takeAhead(
  counter: QuotaCounter,
  account: Account,
  { sender, window, quota }: { sender: string; window: QuotaWindow; quota: DeviceQuota },
): Promise<{ readonly count: number } | { readonly use: QuotaUse }> {
  account.asked += 1;
  const most = mostUse(quota);
  for (const count of new Set([Math.min(MOST_AHEAD, account.asked), 1])) {
    const { added, use } = await counter.add(sender, window, count, most);
    if (added) return { count };
    if (count === 1) return { use };
  }
  throw new Error('unreachable: one by one is always tried');
}

function accountOf(accounts: Map<string, Account>, key: string): Account {
  const account = accounts.get(key) ?? { ahead: 0, asked: 0, refusal: undefined };
  accounts.set(key, account);
  for (const oldest of accounts.keys()) {
    if (accounts.size <= CAPACITY) break;
    accounts.delete(oldest);
  }
  return account;
}
