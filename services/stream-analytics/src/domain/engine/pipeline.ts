import type {
  EventOf,
  EventType,
  MetricDimension,
  MetricName,
  MillraceEvent,
  Observation,
} from '@millrace/types';

/** An event that passed the border. */
export interface Incoming<E extends MillraceEvent = MillraceEvent> {
  readonly event: E;
  readonly tenant: string;
  /** When the stream took it, ISO 8601. The same in every delivery. */
  readonly arrivedAt: string;
}

/** Names an item of the table `states`; made by `stateRef`. */
export interface StateRef<S> {
  /** Begins with the tenant. */
  readonly pk: string;
  readonly sk: string;
  /** Seconds since the epoch; the item may vanish after it. */
  readonly expiresAt?: number;
  /** Only a type: what the state looks like. JSON. */
  readonly like?: S;
}

/**
 * What an event does. All of it is stored together with the proof that the event was processed, or
 * none of it: once, however often the event is delivered.
 */
export interface Work {
  /** As the events before this one left it. Never changed in place: `write` a new one. */
  read<S>(ref: StateRef<S>): S | undefined;
  /** `undefined` deletes. Only of states that `states()` named for this event. */
  write<S>(ref: StateRef<S>, state: S | undefined): void;
  /**
   * Puts (or deletes) a document that readers list. Not read before: its content must follow from
   * states that are written in the same work, so that two writers can never disagree about it.
   */
  publish<S>(ref: StateRef<S>, document: S | undefined): void;
  /**
   * Counts an observation in the windows of `time`. `times` −1 takes an earlier one back, which only
   * a metric without details can do.
   */
  count<M extends MetricName>(
    metric: M,
    time: string,
    observation: Observation<MetricDimension<M>>,
    times?: number,
  ): void;
}

/**
 * A use of the stream: which events it takes and what each of them does. Pure: the same event on the
 * same states does the same. Each pipeline is exactly-once by itself; several run in one function.
 */
export interface Pipeline<T extends EventType = EventType> {
  /** Part of the keys that prove what was processed: never renamed. */
  readonly name: string;
  readonly takes: readonly T[];
  /**
   * The states that `apply` reads and writes for this event, at most 40. A pipeline without states
   * must observe as a function of the event alone.
   */
  states?(incoming: Incoming<EventOf<T>>): readonly StateRef<unknown>[];
  /** @throws PermanentError: the event goes to the dead letters, and nothing of it is stored. */
  apply(incoming: Incoming<EventOf<T>>, work: Work): void;
}

/** A pipeline that takes any event: what the engine runs. */
export interface AnyPipeline {
  readonly name: string;
  readonly takes: readonly EventType[];
  states?(incoming: Incoming): readonly StateRef<unknown>[];
  apply(incoming: Incoming, work: Work): void;
}

/** The engine gives a pipeline only events that it takes. */
export function definePipeline<const T extends EventType>(pipeline: Pipeline<T>): AnyPipeline {
  return pipeline as unknown as AnyPipeline;
}

/**
 * @param kind what it is a state of, e.g. `visitor`: letters only.
 * @param key whose; any text up to 1,024 bytes.
 */
export function stateRef<S>(
  tenant: string,
  kind: string,
  key: string,
  more: { readonly sk?: string; readonly expiresAt?: number } = {},
): StateRef<S> {
  const { sk = '-', expiresAt } = more;
  return { pk: `${tenant}#${kind}#${key}`, sk, ...(expiresAt !== undefined && { expiresAt }) };
}
