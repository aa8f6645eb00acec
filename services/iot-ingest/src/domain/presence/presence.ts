import type { DevicePresence } from '@millrace/types';

/** What the broker says of a client's connection. */
export interface PresenceEvent {
  readonly clientId: string;
  readonly isConnected: boolean;
  /** Milliseconds since the epoch, right to two minutes. */
  readonly at: number;
  /** Of the connection: its end has the number of its beginning. */
  readonly version: number;
  readonly sessionId: string;
  /** Why it ended. */
  readonly reason?: string;
}

const MINUTE = 60_000;
/** Two times may each be wrong by two minutes. */
const TIMES_DIFFER_MS = 4 * MINUTE;
/**
 * A client that was not connected for about an hour is counted from 0 again.
 * https://docs.aws.amazon.com/iot/latest/developerguide/life-cycle-events.html
 */
const COUNTED_ANEW_AFTER_MS = 60 * MINUTE - TIMES_DIFFER_MS;

/** The state that an event tells, with its place in the order of all of a client's events. */
export function presenceOf(event: PresenceEvent): DevicePresence {
  const { isConnected, at, version, sessionId, reason } = event;
  return {
    isConnected,
    at,
    // A connection's end comes after its beginning and before the next one.
    order: version * 2 + (isConnected ? 0 : 1),
    sessionId,
    ...(reason !== undefined && { reason }),
  };
}

/**
 * What a stored state must be for another to take its place. Events come twice and in any order:
 * the place in the order decides, and time only where the broker began to count anew.
 */
export function replaceable(next: DevicePresence) {
  return {
    /** Of the same count: an earlier place, and not told an age after `next`. */
    orderBelow: next.order,
    atMost: next.at + TIMES_DIFFER_MS,
    /** Of a count before: disconnected long ago. */
    disconnectedBefore: next.at - COUNTED_ANEW_AFTER_MS,
  };
}

export function replaces(stored: DevicePresence | undefined, next: DevicePresence): boolean {
  if (stored === undefined) return true;
  const { orderBelow, atMost, disconnectedBefore } = replaceable(next);
  return (
    (stored.order < orderBelow && stored.at <= atMost) ||
    (!stored.isConnected && stored.at < disconnectedBefore)
  );
}

export interface PresenceStore {
  /**
   * Keeps the state with the device if it replaces the one that is kept there.
   * @returns whether it is kept now; not of what is no registered device
   */
  keepNewest(deviceId: string, presence: DevicePresence): Promise<boolean>;
}

/** Keeps the newest state of a client that is a device; harmless to repeat, in any order. */
export async function trackPresence(
  event: PresenceEvent,
  store: PresenceStore,
): Promise<'kept' | 'ignored'> {
  return (await store.keepNewest(event.clientId, presenceOf(event))) ? 'kept' : 'ignored';
}
