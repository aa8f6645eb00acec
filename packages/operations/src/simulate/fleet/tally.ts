/** What a run has done so far. */
export interface Tally {
  connected: number;
  /** Messages with QoS 1 that were given to a connection, each of its own accord. */
  sent: number;
  acknowledged: number;
  /** Lost by the plan. */
  drops: number;
  /** Lost by nobody's plan: the messages under way were sent again. */
  losses: number;
  /** Connections that the broker closed for an oversized message. */
  closedByBroker: number;
  /** Distinct refusals, as `refusalKey` has them, with how often each was heard. */
  readonly told: Map<string, number>;
  /** Readings of the fleet's own devices, first acknowledged: `performance.now()` and their refusal's key. */
  readonly firstAcknowledged: {
    readonly at: number;
    readonly instant: number;
    readonly key: string;
  }[];
}

export function createTally(): Tally {
  return {
    ...{ connected: 0, sent: 0, acknowledged: 0, drops: 0, losses: 0, closedByBroker: 0 },
    told: new Map(),
    firstAcknowledged: [],
  };
}
