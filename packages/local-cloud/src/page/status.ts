import type { MappingStatus, ShardStatus } from '../ports.ts';

export { type Condition, conditionOf, isBlocked, oldestAgeMs } from './browser/condition.ts';
export {
  duration,
  shortFunctionName,
  shortSequenceNumber,
  shortShardId,
  sourceName,
} from './browser/format.ts';
export type { MappingStatus, ShardStatus };

/**
 * `GET /_millrace/status`, and each event of `GET /_millrace/status/stream`: how everything that runs
 * in the local cloud is doing. Instants are milliseconds since the epoch, durations milliseconds,
 * counts records (messages, events). Fields are added, never renamed.
 */
export interface CloudStatus {
  readonly addresses: Readonly<Record<'edge' | 'mqtt' | 'mqtts' | 'postgres', string>>;
  readonly clock: ClockStatus;
  readonly services: readonly ServiceState[];
  /** Every trigger: event source mappings, bucket notifications, schedules. */
  readonly mappings: readonly MappingStatus[];
  /** The queues that a mapping reads from or that dead letters go to, by name. */
  readonly queues: readonly QueueState[];
  readonly topicRules: readonly TopicRuleState[];
  readonly asynchronousInvocations: AsynchronousState;
  /** How many are connected by MQTT now. */
  readonly mqttClients: number;
  /** What is injected on purpose; absent while nothing is. */
  readonly faults?: FaultState;
}

export interface ClockStatus {
  /** The instant of this document by the cloud's own clock. */
  readonly now: number;
  /** How far that clock was moved ahead of the machine's. */
  readonly offsetMs: number;
}

export interface ServiceState {
  readonly service: string;
  /** Full function names. */
  readonly functions: readonly string[];
  /** Its process is there and its functions can be called. */
  readonly running: boolean;
}

export interface QueueState {
  readonly arn: string;
  readonly name: string;
  /** Messages that could be received now. */
  readonly messages: number;
  /** Received and neither deleted nor visible again. */
  readonly inFlight: number;
  readonly delayed: number;
  /** Names of the functions and queues whose failures come here; empty where it is only a source. */
  readonly deadLettersOf: readonly string[];
}

export interface TopicRuleState {
  readonly service: string;
  readonly ruleName: string;
  readonly sql: string;
  /** Messages that matched since the rule was declared in this life of the cloud. */
  readonly matched: number;
  readonly failed: number;
  readonly lastError?: string;
}

export interface AsynchronousState {
  /** Waiting for their function or at it. */
  readonly queued: number;
  readonly inFlight: number;
  /** Records on their way to a destination. */
  readonly destinations: number;
  /** Events given up in this life of the cloud. */
  readonly discarded: number;
  /** Records that their destination refuses, so that they are lost; in this life of the cloud. */
  readonly undelivered: number;
}

export interface FaultState {
  readonly seed: number;
  /** How often each kind was injected. */
  readonly injected: Readonly<Record<string, number>>;
}
