import { createHash } from 'node:crypto';
import type { MillraceEvent } from '@millrace/types';
import type { Incoming } from '../../src/domain/engine/pipeline.ts';

type Kind = readonly [level: string, message: string, rule: string, perThousand: number];

/** Lines as services write them, with the rule that is to decide and what it keeps of a thousand. */
const KINDS: readonly Kind[] = [
  ['error', 'GET /health 500', 'errors', 1000],
  ['fatal', 'out of memory', 'errors', 1000],
  ['warn', 'disk is nearly full', 'warnings', 1000],
  ['info', 'GET /health 200', 'health_checks', 0],
  ['info', '10.0.0.1 "GET /healthz HTTP/1.1" 200', 'health_checks', 0],
  ['info', 'order o-1 was placed', 'others', 1000],
  ['debug', 'cache miss', 'debug', 100],
  ['debug', 'the query timed out', 'slow_requests', 1000],
  ['trace', 'entering f', 'trace', 10],
];
const SERVICES = ['shop', 'bank', '결제'];
const FIRST = Date.parse('2026-11-23T09:40:00Z');

/** Lines of three services over an hour. */
export function events(seed: number, size: number): Incoming[] {
  let state = seed >>> 0;
  const next = (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  return Array.from({ length: size }, (_, n) => {
    const which = next(KINDS.length);
    const [level, message] = KINDS[which] ?? [];
    const time = new Date(FIRST + next(3_600_000)).toISOString();
    const data = { service: SERVICES[next(SERVICES.length)], level, message };
    const event = {
      specversion: '1.0',
      id: `${which}-${n}`,
      source: '/logs',
      type: 'millrace.log.v1',
    };
    return { event: { ...event, time, data } as MillraceEvent, tenant: 'acme', arrivedAt: time };
  });
}

/** `service rule decision` → lines, and the ids of those that are kept. */
export function expected(all: readonly Incoming[]) {
  const decisions: Record<string, number> = {};
  const kept = new Set<string>();
  for (const { event, tenant } of all) {
    const [, , rule, perThousand = 0] = KINDS[Number(event.id.split('-')[0])] ?? [];
    const identity = `["sample","${tenant}","${event.source}","${event.id}"]`;
    const draw = Number.parseInt(
      createHash('sha256').update(identity).digest('hex').slice(0, 8),
      16,
    );
    const isKept = draw * 1000 < perThousand * 2 ** 32;
    if (isKept) kept.add(event.id);
    const decision = isKept ? 'kept' : perThousand === 0 ? 'dropped' : 'sampled_out';
    const service = (event.data as { service: string }).service;
    const name = `${service} ${rule} ${decision}`;
    decisions[name] = (decisions[name] ?? 0) + 1;
  }
  return { decisions, kept };
}
