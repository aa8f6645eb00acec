import {
  METRICS,
  type MetricDimension,
  type MetricName,
  minuteOf,
  type Observation,
} from '@millrace/types';
import { type Counted, cellsOf, groupOf } from './cells.ts';
import type { Identified, TenantMinute } from './identity.ts';
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

export const NOTHING: ReadonlyMap<string, WrittenState> = new Map();
const NO_KEYS: ReadonlySet<string> = new Set();

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
  { incoming, minute }: Pick<Identified, 'incoming' | 'minute'>,
  stateOf: (key: string) => string | undefined,
): Effects {
  const work = new EventWork(pipeline, incoming, minute, stateOf);
  pipeline.apply(incoming, work);
  return work;
}

/** Most events of most pipelines have neither states nor documents: they share what is empty. */
class EventWork implements Work, Effects {
  states: ReadonlyMap<string, WrittenState> = NOTHING;
  documents: ReadonlyMap<string, WrittenState> = NOTHING;
  readonly counted: Counted[] = [];
  readonly #pipeline: AnyPipeline;
  readonly #incoming: Incoming;
  readonly #minute: TenantMinute;
  readonly #stateOf: (key: string) => string | undefined;
  readonly #named: ReadonlySet<string>;

  constructor(
    pipeline: AnyPipeline,
    incoming: Incoming,
    minute: TenantMinute,
    stateOf: (key: string) => string | undefined,
  ) {
    this.#pipeline = pipeline;
    this.#incoming = incoming;
    this.#minute = minute;
    this.#stateOf = stateOf;
    this.#named = pipeline.states ? new Set(pipeline.states(incoming).map(stateKey)) : NO_KEYS;
  }

  read<S>(ref: StateRef<S>): S | undefined {
    const key = this.#keyOf(ref);
    const written = this.states.get(key);
    const json = written ? written.state : this.#stateOf(key);
    return json === undefined ? undefined : (JSON.parse(json) as S);
  }

  write<S>(ref: StateRef<S>, state: S | undefined): void {
    this.states = withOne(this.states, this.#keyOf(ref), { ref, state: jsonOf(state) });
  }

  publish<S>(ref: StateRef<S>, document: S | undefined): void {
    this.documents = withOne(this.documents, stateKey(ref), { ref, state: jsonOf(document) });
  }

  count<M extends MetricName>(
    metric: M,
    time: string,
    observation: Observation<MetricDimension<M>>,
    times = 1,
  ): void {
    if (times < 0 && METRICS[metric].details.length > 0) {
      throw new TypeError(`${metric} keeps details: nothing can be taken back from them.`);
    }
    if (times === 0) return;
    const { event, tenant } = this.#incoming;
    const group =
      time === event.time
        ? this.#minute.groupOf(metric, observation)
        : groupOf(cellsOf(tenant, metric, minuteOf(time)), metric, observation);
    this.counted.push({ metric, time, observation, times, group });
  }

  #keyOf(ref: StateRef<unknown>): string {
    const key = stateKey(ref);
    if (this.#named.has(key)) return key;
    throw new TypeError(`${this.#pipeline.name} does not name the state ${key}`);
  }
}

/** The empty one is shared by all and never written to. */
function withOne(
  map: ReadonlyMap<string, WrittenState>,
  key: string,
  written: WrittenState,
): ReadonlyMap<string, WrittenState> {
  return map === NOTHING
    ? new Map([[key, written]])
    : (map as Map<string, WrittenState>).set(key, written);
}

function jsonOf(state: unknown): string | undefined {
  return state === undefined ? undefined : JSON.stringify(state);
}
