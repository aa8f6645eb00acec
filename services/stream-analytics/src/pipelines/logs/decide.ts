import { hash } from 'node:crypto';
import type { EventOf } from '@millrace/types';
import { ALWAYS_KEPT, LOG_RULES, type LogRule } from './rules.ts';

export type LogEvent = EventOf<'millrace.log.v1'>;

export interface Decision {
  readonly decision: 'kept' | 'sampled_out' | 'dropped';
  /** `errors` and `others` are what no rule decides. */
  readonly rule: string;
}

/**
 * Whether a line goes to the lake: a function of the line alone, so that it is decided alike in every
 * delivery and by whoever asks. Sampling draws by a hash of what tells the event from others.
 */
export function decide(
  event: LogEvent,
  tenant: string,
  rules: readonly LogRule[] = LOG_RULES,
): Decision {
  if (ALWAYS_KEPT.has(event.data.level)) return { decision: 'kept', rule: 'errors' };
  const rule = rules.find((one) => fits(one, event.data));
  if (!rule) return { decision: 'kept', rule: 'others' };
  const { name, keptPerThousand } = rule;
  if (keptPerThousand <= 0) return { decision: 'dropped', rule: name };
  const isKept = keptPerThousand >= 1000 || draw(event, tenant) < keptPerThousand / 1000;
  return { decision: isKept ? 'kept' : 'sampled_out', rule: name };
}

function fits({ levels, services, like }: LogRule, data: LogEvent['data']): boolean {
  if (levels && !levels.some((level) => level === data.level)) return false;
  if (services && !services.includes(data.service)) return false;
  return !like || like.some((isLike) => isLike(data.message));
}

/** From 0 to 1, the same for the same event. Of other bits than those that choose its place in the lake. */
function draw({ source, id }: LogEvent, tenant: string): number {
  const digest = hash('sha256', JSON.stringify(['sample', tenant, source, id]), 'buffer');
  return digest.readUInt32BE(0) / 2 ** 32;
}
