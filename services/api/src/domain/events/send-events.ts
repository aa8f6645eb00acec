import {
  describeViolations,
  type EventReceipt,
  isWithinHorizon,
  MillraceEvent,
  type Validated,
  validate,
} from '@millrace/types';
import { type EventStream, MAX_RECORD_BYTES, type StreamEntry, sizeOf } from './ports.ts';
import { streamEntryOf } from './stream-entry.ts';

type Rejection = EventReceipt['rejected'][number];
type Judged =
  | { readonly index: number; readonly id: string; readonly entry: StreamEntry }
  | { readonly rejection: Rejection };

/**
 * Puts each good event of a batch on the stream; a bad one refuses only itself. All of them belong
 * to `tenant`, whatever they say; their time must be near `now` (milliseconds since the epoch). Sending a batch again is safe: events are counted once by their id.
 */
export async function sendEvents(
  batch: readonly unknown[],
  context: { readonly tenant: string; readonly now: number },
  stream: EventStream,
): Promise<EventReceipt> {
  const judged = batch.map((input, index) => judge(input, index, context));
  const good = judged.filter((one) => 'entry' in one);
  const unsent = await stream.send(good.map(({ entry }) => entry));
  const rejected = judged.flatMap((one) => ('rejection' in one ? [one.rejection] : []));
  const accepted: EventReceipt['accepted'] = [];
  for (const [place, { index, id }] of good.entries()) {
    if (unsent.has(place)) rejected.push(unavailable(index, id));
    else accepted.push({ index, id });
  }
  return { accepted, rejected: rejected.sort((one, other) => one.index - other.index) };
}

function judge(
  input: unknown,
  index: number,
  { tenant, now }: { readonly tenant: string; readonly now: number },
): Judged {
  const id = idOf(input);
  const reject = (code: string, message: string): Judged => ({
    rejection: { index, ...(id !== undefined && { id }), code, message, retryable: false },
  });
  const event = stamped(input, tenant);
  if (!event.ok) return reject('invalid_event', describeViolations(event.violations));
  if (isPlatformSource(event.value.source)) {
    return reject('invalid_event', '/source belongs to the platform; name your own application');
  }
  if (!isWithinHorizon(event.value.time, now)) {
    return reject(
      'event_time_out_of_range',
      '/time must lie between 400 days before now and 1 day after; set the clock of the sender',
    );
  }
  const entry = streamEntryOf(event.value, tenant);
  if (sizeOf(entry) > MAX_RECORD_BYTES) {
    return reject('event_too_large', `An event may have at most ${MAX_RECORD_BYTES} bytes.`);
  }
  return { index, id: event.value.id, entry };
}

/** The tenant is stamped before the check: what the caller wrote there matters in no way. */
function stamped(input: unknown, tenant: string): Validated<MillraceEvent> {
  const isObject = typeof input === 'object' && input !== null && !Array.isArray(input);
  return validate(MillraceEvent, isObject ? { ...input, tenant } : input);
}

/**
 * Sources under which the platform itself makes events. Were a caller to use one, it could take an id
 * before the real event, which would then be dropped as its duplicate.
 */
function isPlatformSource(source: string): boolean {
  return source === 'millrace/api' || source.startsWith('millrace/devices/');
}

/** For the receipt: only what could be an id. */
function idOf(input: unknown): string | undefined {
  if (typeof input !== 'object' || input === null || !('id' in input)) return undefined;
  return typeof input.id === 'string' && input.id.length <= 256 ? input.id : undefined;
}

function unavailable(index: number, id: string): Rejection {
  return {
    index,
    id,
    code: 'stream_unavailable',
    message: 'The stream did not take the event; send it again with the same id.',
    retryable: true,
  };
}
