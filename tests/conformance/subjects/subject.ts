import type { CreateEventSourceMappingRequest } from '@aws-sdk/client-lambda';
import type { Clients } from './clients.ts';

/** An implementation of AWS that the rules are asked of. */
export interface Subject {
  readonly name: string;
  readonly version: string;
  /** Base URL of its AWS APIs. */
  readonly endpoint: string;
  /** Its MQTT listener, if it has one. */
  readonly mqttUrl?: string;
  readonly accountId: string;
  readonly region: string;
  readonly clients: Clients;
  /**
   * Creates the function; every invocation of it is answered by the referee. Resolves when it can be
   * invoked.
   */
  deployFunction(settings: FunctionSettings): Promise<void>;
  /** Removes the function and everything that invokes it. */
  removeFunction(name: string): Promise<void>;
  /** Resolves when the mapping is made. Rejects with what the implementation refuses it for. */
  mapEvents(mapping: MappingSettings): Promise<void>;
  notifyBucket(notification: BucketNotification): Promise<void>;
  /** Resolves with what removes the rule again. */
  createTopicRule(rule: TopicRule): Promise<() => Promise<void>>;
  schedule(schedule: Schedule): Promise<void>;
  /** Time that can be moved. Without it, rules wait for real as far as that is reasonable. */
  readonly clock?: { advance(ms: number): Promise<void> };
  /**
   * Delivers every event of the function twice, as AWS may, until what it resolves with is called.
   * One rule at a time.
   */
  repeatDeliveries?(functionName: string): Promise<() => Promise<void>>;
  /** Kills the implementation without a warning and starts it again on the same state and port. */
  crash?(): Promise<void>;
  stop(): Promise<void>;
}

export interface FunctionSettings {
  readonly name: string;
  /** Default 10. */
  readonly timeoutSeconds?: number;
  readonly reservedConcurrency?: number;
  /** Asynchronous invocation. */
  readonly maximumRetryAttempts?: number;
  readonly maximumEventAgeSeconds?: number;
  readonly onFailureArn?: string;
  readonly onSuccessArn?: string;
}

/** The parameters of CreateEventSourceMapping. */
export type MappingSettings = CreateEventSourceMappingRequest & {
  readonly FunctionName: string;
  readonly EventSourceArn: string;
};

export interface BucketNotification {
  readonly bucket: string;
  readonly functionName: string;
  readonly event: `s3:${string}`;
  readonly prefix?: string;
  readonly suffix?: string;
}

/** An AWS::IoT::TopicRule: `payload` is its TopicRulePayload, with CloudFormation's property names. */
export interface TopicRule {
  /** Letters, digits and underscores. */
  readonly name: string;
  readonly payload: {
    readonly Sql: string;
    readonly AwsIotSqlVersion?: string;
    readonly Actions: readonly Record<string, unknown>[];
    readonly ErrorAction?: Record<string, unknown>;
  };
}

export interface Schedule {
  readonly name: string;
  readonly functionName: string;
  /** `rate(…)` or `cron(…)`. */
  readonly expression: string;
  /** JSON; the event is EventBridge's where it is missing. */
  readonly input?: unknown;
}
