/**
 * What the halves of the local cloud say to each other. Engines report what happened, triggers turn
 * it into invocations, the plugin tells which functions there are.
 */

/** One function of a registered service, as its serverless.yml declares it (intrinsics resolved). */
export interface FunctionDefinition {
  /** Full name, e.g. `millrace-etl-local-loadOrders`. */
  readonly name: string;
  readonly service: string;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  readonly reservedConcurrency?: number;
  /** Asynchronous invocation: defaults 2 retries, 6 h, no destinations. */
  readonly async: {
    readonly maximumRetryAttempts: number;
    readonly maximumEventAgeSeconds: number;
    readonly onFailureArn?: string;
    readonly onSuccessArn?: string;
  };
}

export type InvokeResult =
  | { readonly kind: 'success'; readonly payload: unknown; readonly requestId: string }
  | {
      readonly kind: 'function-error';
      readonly payload: unknown;
      readonly requestId: string;
      readonly timedOut: boolean;
    }
  /** Reserved concurrency is used up: does not count as an attempt. */
  | { readonly kind: 'throttled' }
  /** The service is not running: nothing was attempted; wait for it. */
  | { readonly kind: 'unavailable' };

export interface FunctionInvoker {
  /** Invokes synchronously and resolves with what the function answered; never rejects. */
  invoke(functionName: string, payload: string, stop?: InvocationStop): Promise<InvokeResult>;
}

/**
 * An invocation that is to be stopped in the middle: the caller hangs up when the signal comes, and
 * the function's host takes that as the end of the sandbox.
 */
export interface InvocationStop {
  readonly signal: AbortSignal;
  /** The moment as a share in [0, 1), for hosts that can stop at a countable one, an AWS call say. */
  readonly moment: number;
}

export interface AsyncInvocations {
  /**
   * Queues an asynchronous invocation durably. Synchronous, so that callers can do it inside
   * `CloudState.transaction` together with the effect that caused it.
   */
  enqueue(functionName: string, payload: string): { requestId: string };
}

/** For who is able to slow its senders down. */
export interface PacedInvocations extends AsyncInvocations {
  /** Resolves when few enough events wait for the function that more may come, or after some seconds. */
  room(functionName: string): Promise<void>;
}

/** What the S3 engine reports inside the transaction that stored or removed the object. */
export interface S3ObjectEvent {
  /** e.g. `ObjectCreated:Put`, `ObjectCreated:CompleteMultipartUpload`, `ObjectRemoved:Delete`. */
  readonly name: string;
  readonly bucket: string;
  /** Not encoded. */
  readonly key: string;
  readonly size?: number;
  /** Without quotes. */
  readonly eTag?: string;
  readonly versionId?: string;
  /** Upper-case hexadecimal, growing per key. */
  readonly sequencer: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly sourceIp: string;
  readonly requestId: string;
  readonly hostId: string;
}

/** A change of a stream or table or queue that a poller may want to look at before its next turn. */
export type Nudge = (source: { kind: 'kinesis' | 'dynamodb' | 'sqs'; name: string }) => void;

/**
 * Delivers a message to an SQS queue or SNS topic named by its ARN, or stores it in an S3 bucket
 * under `objectKey`, which only a bucket needs. Rejects when it cannot, with MessageRefusedError when
 * it never can.
 */
export interface MessageSink {
  send(targetArn: string, body: string, objectKey?: string): Promise<void>;
}

/** MQTT as the triggers and the data plane need it. */
export interface MessageBus {
  publish(topic: string, payload: Uint8Array, qos: 0 | 1): Promise<void>;
}

/** `PUT /_millrace/services/<service>`: a service tells what it declares. */
export interface ServiceRegistration {
  readonly service: string;
  readonly stage: string;
  readonly region: string;
  readonly accountId: string;
  /** `resources` of serverless.yml: CloudFormation Resources and Outputs, intrinsics not resolved. */
  readonly template: {
    readonly Resources: Record<string, CloudFormationResource>;
    readonly Outputs: Record<string, { Value: unknown; Export?: { Name: unknown } }>;
    readonly Conditions?: Record<string, unknown>;
    readonly Mappings?: Record<string, unknown>;
    /** Properties for resources that the framework itself makes, by logical id. */
    readonly extensions?: Record<string, { readonly Properties?: Record<string, unknown> }>;
  };
  /** Where the service's HTTP API answers, if it has one. */
  readonly apiUrl?: string;
  readonly functions: readonly FunctionRegistration[];
  /** Anything else whose intrinsics the plugin wants resolved (authorizers, for one). */
  readonly resolve?: Record<string, unknown>;
}

export interface CloudFormationResource {
  readonly Type: string;
  readonly Properties?: Record<string, unknown>;
  readonly DependsOn?: string | readonly string[];
  readonly Condition?: string;
  readonly DeletionPolicy?: string;
}

/** A function as serverless.yml has it; values may hold CloudFormation intrinsics. */
export interface FunctionRegistration {
  /** The key under `functions:`. */
  readonly key: string;
  readonly name: string;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  readonly reservedConcurrency?: number;
  readonly environment: Record<string, unknown>;
  readonly maximumRetryAttempts?: number;
  readonly maximumEventAge?: number;
  readonly destinations?: { readonly onFailure?: unknown; readonly onSuccess?: unknown };
  /** The `events:` list, as written. */
  readonly events: readonly Record<string, unknown>[];
}

export interface RegistrationResult {
  /** Environment by function key, intrinsics resolved. */
  readonly environment: Record<string, Record<string, string>>;
  readonly resolved: Record<string, unknown>;
  readonly outputs: Record<string, unknown>;
  /** Unsupported types, properties or events: shown to the developer. */
  readonly warnings: readonly string[];
}

/** A trigger after its intrinsics are resolved; what `src/triggers` runs. */
export type TriggerDefinition =
  | StreamTrigger
  | QueueTrigger
  | BucketTrigger
  | ScheduleTrigger
  | TopicRuleTrigger;

export interface StreamTrigger {
  readonly kind: 'kinesis' | 'dynamodb';
  readonly functionName: string;
  /** A DynamoDB ARN may end in `/stream/local`: the table's current stream. */
  readonly sourceArn: string;
  readonly enabled: boolean;
  readonly batchSize: number;
  readonly batchWindowSeconds: number;
  readonly startingPosition: 'LATEST' | 'TRIM_HORIZON' | 'AT_TIMESTAMP';
  /** Milliseconds since the epoch. */
  readonly startingPositionTimestamp?: number;
  readonly parallelizationFactor: number;
  /** −1 = without end. */
  readonly maximumRetryAttempts: number;
  /** −1 = without end. */
  readonly maximumRecordAgeSeconds: number;
  readonly bisectBatchOnFunctionError: boolean;
  readonly reportBatchItemFailures: boolean;
  readonly tumblingWindowSeconds: number;
  readonly onFailureArn?: string;
  readonly filterPatterns: readonly unknown[];
}

export interface QueueTrigger {
  readonly kind: 'sqs';
  readonly functionName: string;
  readonly sourceArn: string;
  readonly enabled: boolean;
  readonly batchSize: number;
  readonly batchWindowSeconds: number;
  readonly maximumConcurrency?: number;
  readonly reportBatchItemFailures: boolean;
  readonly filterPatterns: readonly unknown[];
}

export interface BucketTrigger {
  readonly kind: 's3';
  readonly functionName: string;
  readonly bucket: string;
  /** e.g. `s3:ObjectCreated:*`. */
  readonly event: string;
  readonly prefix?: string;
  readonly suffix?: string;
}

export interface ScheduleTrigger {
  readonly kind: 'schedule';
  readonly functionName: string;
  /** The rule's name, for its ARN in the event. */
  readonly name: string;
  /** `rate(…)` or `cron(…)`, UTC. */
  readonly expression: string;
  readonly enabled: boolean;
  readonly input?: unknown;
}

/** An IoT topic rule: from a function's `iot` event or from an `AWS::IoT::TopicRule` resource. */
export interface TopicRuleTrigger {
  readonly kind: 'iot';
  readonly ruleName: string;
  readonly sql: string;
  readonly enabled: boolean;
  readonly actions: readonly TopicRuleAction[];
  readonly errorAction?: TopicRuleAction;
}

export type TopicRuleAction =
  | { readonly kind: 'lambda'; readonly functionName: string }
  | { readonly kind: 'sqs'; readonly queueUrl: string; readonly useBase64: boolean }
  | { readonly kind: 'sns'; readonly targetArn: string }
  | { readonly kind: 'kinesis'; readonly streamName: string; readonly partitionKey?: string }
  | { readonly kind: 'republish'; readonly topic: string; readonly qos: 0 | 1 };

/** Starts, replaces and stops the triggers of one service. */
export interface TriggerRunner {
  /** Replaces the service's triggers; a mapping that stays keeps its checkpoint. */
  apply(service: string, triggers: readonly TriggerDefinition[]): void;
  remove(service: string): void;
  status(): readonly MappingStatus[];
  nudge: Nudge;
  stop(): Promise<void>;
}

/**
 * How one trigger is doing, as `/_millrace/status`, the live page and `millrace mappings` show it.
 * Counts are of records (messages, events) since the trigger was first declared on this state
 * folder; they survive a restart where the trigger keeps checkpoints.
 */
export interface MappingStatus {
  readonly id: string;
  readonly kind: TriggerDefinition['kind'];
  readonly functionName: string;
  readonly service: string;
  readonly source: string;
  readonly state:
    | 'waiting-for-source'
    | 'waiting-for-function'
    | 'running'
    | 'disabled'
    | 'stopped';
  readonly shards: readonly ShardStatus[];
  readonly delivered: number;
  /** Records whose batch failed and is, or was, tried again. */
  readonly retried: number;
  /** Failed batches that were split in two (bisect). */
  readonly splits: number;
  /** Invocations refused for want of concurrency; they use up no attempt. */
  readonly throttles: number;
  /** Records that no filter pattern wanted. */
  readonly filtered: number;
  /** Records given up; with `onFailureArn` their metadata or payload went there. */
  readonly discarded: number;
  readonly onFailureArn?: string;
  readonly lastError?: string;
}

export interface ShardStatus {
  readonly shardId: string;
  readonly parents: readonly string[];
  readonly state: 'reading' | 'waiting-for-parent' | 'draining' | 'ended';
  readonly checkpoint: string | null;
  /** Age of the oldest record that is read and not done; 0 when none is. */
  readonly iteratorAgeMs: number;
  /** Batches at the function now. */
  readonly inFlight: number;
  /** Records that are read and not done. */
  readonly pending: number;
  /** Failed attempts of the batch that is tried now. */
  readonly attempts: number;
  /** The tumbling window that is open: instants in milliseconds, size of its state in bytes. */
  readonly window?: { readonly start: number; readonly end: number; readonly stateBytes: number };
}
