import type { Clock } from '../clock.ts';
import type { StreamTable } from '../dynamodb/stream-table.ts';
import type { KinesisLog } from '../engines/kinesis-reader.ts';
import type { FunctionRegistry } from '../lambda/function-registry.ts';
import type { Log } from '../lambda/log.ts';
import type {
  AsyncInvocations,
  FunctionInvoker,
  MessageSink,
  QueueTrigger,
  ScheduleTrigger,
  StreamTrigger,
} from '../ports.ts';
import type { CloudState } from '../state.ts';
import type { AwsClients } from './aws-clients.ts';
import type { RunningTrigger } from './running-trigger.ts';
import { startSchedule } from './schedule/scheduler.ts';
import { startQueuePoller } from './sqs/poller.ts';
import type { CheckpointStore } from './streams/checkpoint-store.ts';
import { createDynamodbSource } from './streams/dynamodb-source.ts';
import { createKinesisSource } from './streams/kinesis-source.ts';
import { startStreamMapping } from './streams/mapping.ts';
import { createStreamTableSource } from './streams/stream-table-source.ts';

/** The triggers that run by themselves, without being told by an engine. */
export type PolledTrigger = StreamTrigger | QueueTrigger | ScheduleTrigger;

/** What triggers work with. */
export interface TriggerDependencies {
  readonly state: CloudState;
  readonly clock: Clock;
  readonly registry: FunctionRegistry;
  readonly invoker: FunctionInvoker;
  readonly async: AsyncInvocations;
  readonly sink: MessageSink;
  readonly log: Log;
  /** The streams of Kinesis, read inside this process. */
  readonly kinesis: KinesisLog;
  /** The streams of the embedded DynamoDB; without it they are read by the API. */
  readonly streams?: StreamTable;
  /**
   * How seldom the shards of a source that tells of its writes may be read while nothing happens, in
   * milliseconds; by default as often as AWS does.
   */
  readonly idlePollMs?: { readonly kinesis?: number; readonly dynamodb?: number };
}

/** Starts the trigger, each kind by its own module; undefined if it is disabled. */
export function startTrigger(
  id: string,
  trigger: PolledTrigger,
  options: TriggerDependencies & { clients: AwsClients; checkpoints: CheckpointStore },
): RunningTrigger | undefined {
  if (!trigger.enabled) return undefined;
  const { clients, registry, clock, kinesis, idlePollMs = {} } = options;
  const isAvailable = () => registry.isAvailable(trigger.functionName);
  switch (trigger.kind) {
    case 'kinesis': {
      const source = createKinesisSource({
        ...{ log: kinesis, clock, sourceArn: trigger.sourceArn },
        idlePollIntervalMs: idlePollMs.kinesis,
      });
      return startStreamMapping({ ...options, id, trigger, source, isAvailable });
    }
    case 'dynamodb': {
      const { dynamodb: client, dynamodbStreams } = clients;
      const of = { sourceArn: trigger.sourceArn, idlePollIntervalMs: idlePollMs.dynamodb };
      const source = options.streams
        ? createStreamTableSource({ ...of, streams: options.streams })
        : createDynamodbSource({ ...of, client, streams: dynamodbStreams });
      return startStreamMapping({ ...options, id, trigger, source, isAvailable });
    }
    case 'sqs':
      return startQueuePoller({ ...options, id, trigger, client: clients.sqs, isAvailable });
    case 'schedule':
      return startSchedule({ ...options, id, trigger, isAvailable });
  }
}
