import { METRICS } from '@millrace/types';
import { type Counted, groupOf } from './cells.ts';
import type { AnyPipeline, Incoming, StateRef, Work } from './pipeline.ts';

/** What one event does, not stored yet. */
export interface Effects {
  readonly states: ReadonlyMap<string, WrittenState>;
  readonly documents: ReadonlyMap<string, WrittenState>;
  readonly counted: readonly Counted[];
}

export interface WrittenState {
  readonly ref: StateRef<unknown>;
  /** JSON; undefined deletes. */
  readonly state: string | undefined;
}

export function stateKey({ pk, sk }: { readonly pk: string; readonly sk: string }): string {
  return `${pk}\n${sk}`;
}

/**
 * Asks a pipeline what an event does.
 *
 * @param stateOf JSON of a state as the events before left it.
 * @throws what the pipeline throws; TypeError where it reads or writes a state that it did not name.
 */
export function effectsOf(
  pipeline: AnyPipeline,
  incoming: Incoming,
  stateOf: (key: string) => string | undefined,
): Effects {
  const named = pipeline.states ? new Set(pipeline.states(incoming).map(stateKey)) : NO_KEYS;
  // Most events of most pipelines have none of either: they share what is empty.
  let states: Map<string, WrittenState> | undefined;
  let documents: Map<string, WrittenState> | undefined;
  const counted: Counted[] = [];
  const keyOf = (ref: StateRef<unknown>) => {
    const key = stateKey(ref);
    if (!named.has(key)) throw new TypeError(`${pipeline.name} does not name the state ${key}`);
    return key;
  };
  const work: Work = {
    read: <S>(ref: StateRef<S>) => {
      const key = keyOf(ref);
      const written = states?.get(key);
      const json = written ? written.state : stateOf(key);
      return json === undefined ? undefined : (JSON.parse(json) as S);
    },
    write: (ref, state) => {
      states ??= new Map();
      states.set(keyOf(ref), { ref, state: jsonOf(state) });
    },
    publish: (ref, document) => {
      documents ??= new Map();
      documents.set(stateKey(ref), { ref, state: jsonOf(document) });
    },
    count: (metric, time, observation, times = 1) => {
      if (times < 0 && METRICS[metric].details.length > 0) {
        throw new TypeError(`${metric} keeps details: nothing can be taken back from them.`);
      }
      if (times === 0) return;
      const group = groupOf(incoming.tenant, metric, time, observation);
      counted.push({ metric, time, observation, times, group });
    },
  };
  pipeline.apply(incoming, work);
  return { states: states ?? NOTHING, documents: documents ?? NOTHING, counted };
}

function jsonOf(state: unknown): string | undefined {
  return state === undefined ? undefined : JSON.stringify(state);
}

const NO_KEYS: ReadonlySet<string> = new Set();
export const NOTHING: ReadonlyMap<string, WrittenState> = new Map();
