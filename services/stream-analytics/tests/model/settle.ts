import { METRICS, type MetricName, type MetricWindow, windowStart } from '@millrace/types';
import {
  type Decimal,
  decimalOf,
  decimalOfInteger,
  decimalText,
  ZERO,
} from '../../src/domain/decimal.ts';
import type { AnyPipeline, Incoming, StateRef, Work } from '../../src/domain/engine/pipeline.ts';

/** What a pipeline leaves, told as simply as can be: each distinct event once, in the order given. */
export interface Settled {
  /** `pk sk` → the state or document. */
  readonly states: ReadonlyMap<string, unknown>;
  /** `tenant metric window start {"dimension":"value"}` → what was counted; nothing that adds up to zero. */
  readonly counts: Readonly<Record<string, { count: number; sum: string }>>;
  /** Distinct members by the same names. */
  readonly members: ReadonlyMap<string, ReadonlySet<string>>;
  /** How often each term was seen, by the same names. */
  readonly terms: ReadonlyMap<string, ReadonlyMap<string, number>>;
  /** Values, by the same names. */
  readonly values: ReadonlyMap<string, readonly number[]>;
  /** Events that were refused, with the error. */
  readonly refused: readonly { readonly id: string; readonly error: unknown }[];
}

/** Runs a pipeline without the engine: the plain meaning of `apply`. An event that throws leaves nothing. */
export function settle(pipeline: AnyPipeline, events: readonly Incoming[]): Settled {
  let states = new Map<string, unknown>();
  let counts = new Map<string, { count: number; sum: Decimal }>();
  const members = new Map<string, Set<string>>();
  const terms = new Map<string, Map<string, number>>();
  const values = new Map<string, number[]>();
  const refused: { id: string; error: unknown }[] = [];
  const seen = new Set<string>();
  for (const incoming of events) {
    const { event, tenant } = incoming;
    const identity = JSON.stringify([tenant, event.source, event.id]);
    if (seen.has(identity) || !pipeline.takes.includes(event.type)) continue;
    const named = new Set((pipeline.states?.(incoming) ?? []).map(nameOf));
    const nextStates = new Map(states);
    const nextCounts = new Map(counts);
    const details: (() => void)[] = [];
    const put = (ref: StateRef<unknown>, state: unknown) => {
      // As it is stored: what JSON cannot hold would be lost there too.
      if (state === undefined) nextStates.delete(nameOf(ref));
      else nextStates.set(nameOf(ref), JSON.parse(JSON.stringify(state)));
    };
    const mustBeNamed = (ref: StateRef<unknown>) => {
      if (!named.has(nameOf(ref))) throw new TypeError(`${nameOf(ref)} is not named by states()`);
    };
    const work: Work = {
      read: <S>(ref: StateRef<S>) => {
        mustBeNamed(ref);
        return nextStates.get(nameOf(ref)) as S | undefined;
      },
      write: (ref, state) => {
        mustBeNamed(ref);
        put(ref, state);
      },
      publish: put,
      count: (metric, time, { by, value = 0, member, term }, times = 1) => {
        const declared = METRICS[metric as MetricName];
        for (const window of declared.windows) {
          const cell = cellName(tenant, metric, window, time, by);
          const before = nextCounts.get(cell) ?? { count: 0, sum: ZERO };
          const amount = typeof value === 'bigint' ? decimalOfInteger(value) : decimalOf(value);
          nextCounts.set(cell, {
            count: before.count + times,
            sum: before.sum + amount * BigInt(times),
          });
          details.push(() => {
            if (member !== undefined) within(members, cell, () => new Set<string>()).add(member);
            if (term !== undefined) {
              const seenTerms = within(terms, cell, () => new Map<string, number>());
              seenTerms.set(term, (seenTerms.get(term) ?? 0) + times);
            }
            within(values, cell, () => []).push(Number(value));
          });
        }
      },
    };
    try {
      pipeline.apply(incoming, work);
    } catch (error) {
      refused.push({ id: event.id, error });
      continue;
    }
    seen.add(identity);
    states = nextStates;
    counts = nextCounts;
    for (const note of details) note();
  }
  const left = [...counts].filter(([, { count, sum }]) => count !== 0 || sum !== ZERO);
  return {
    states,
    counts: Object.fromEntries(
      left
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([cell, { count, sum }]) => [cell, { count, sum: decimalText(sum) }]),
    ),
    members,
    terms,
    values,
    refused,
  };
}

export const nameOf = ({ pk, sk }: StateRef<unknown>) => `${pk} ${sk}`;

/** The name of a cell in `Settled`. */
export function cellName(
  tenant: string,
  metric: string,
  window: MetricWindow,
  time: string,
  by: Readonly<Record<string, string>>,
): string {
  const sorted = Object.fromEntries(Object.entries(by).sort(([a], [b]) => (a < b ? -1 : 1)));
  return `${tenant} ${metric} ${window} ${windowStart(time, window)} ${JSON.stringify(sorted)}`;
}

function within<V>(map: Map<string, V>, key: string, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
