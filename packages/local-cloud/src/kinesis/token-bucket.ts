/**
 * A rate with one second's worth of burst. `now` is in milliseconds since the epoch; time that goes
 * backwards refills nothing and takes nothing.
 */
export interface TokenBucket {
  /** Whether `tokens` may be taken now; an amount above the capacity never may. */
  holds(tokens: number, now: number): boolean;
  /** Takes them, also into debt: what comes next waits until it is paid. */
  take(tokens: number, now: number): void;
  /** As good as a new one. */
  isFull(now: number): boolean;
}

export function createTokenBucket(perSecond: number, now: number): TokenBucket {
  let tokens = perSecond;
  let refilledAt = now;

  function refill(at: number): void {
    const seconds = Math.max(0, at - refilledAt) / 1000;
    tokens = Math.min(perSecond, tokens + seconds * perSecond);
    refilledAt = at;
  }

  return {
    holds(wanted, at) {
      refill(at);
      return tokens >= wanted;
    },
    take(taken, at) {
      refill(at);
      tokens -= taken;
    },
    isFull(at) {
      refill(at);
      return tokens >= perSecond;
    },
  };
}
