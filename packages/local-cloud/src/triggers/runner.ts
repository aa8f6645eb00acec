import type {
  BucketTrigger,
  MappingStatus,
  S3ObjectEvent,
  TopicRuleTrigger,
  TriggerDefinition,
  TriggerRunner,
} from '../ports.ts';
import { sourceName } from './arn.ts';
import { type AwsEndpoints, createAwsClients } from './aws-clients.ts';
import { NO_COUNTS, type RunningTrigger } from './running-trigger.ts';
import { createBucketNotifications } from './s3/notifications.ts';
import { type PolledTrigger, startTrigger, type TriggerDependencies } from './start-trigger.ts';
import { createCheckpointStore } from './streams/checkpoint-store.ts';
import { invalidReason, triggerWarnings } from './warnings.ts';

/** How long `stop` waits for the batches in flight, whose success would otherwise be repeated. */
const STOP_GRACE_MS = 2_000;

export interface TriggerRunnerOptions extends TriggerDependencies {
  readonly endpoints: AwsEndpoints;
  /** Who runs IoT topic rules. */
  readonly topicRules?: {
    apply(service: string, rules: readonly TopicRuleTrigger[]): void;
    remove(service: string): void;
  };
}

export interface LocalTriggerRunner extends TriggerRunner {
  /** For the S3 engine: queues the notifications of an event in the transaction that is open. */
  notify(event: S3ObjectEvent): void;
}

/** A trigger with the definition that it runs by; `stopped` is set once it is on its way out. */
interface Slot {
  readonly service: string;
  readonly definition: string;
  readonly trigger: PolledTrigger;
  running: RunningTrigger | undefined;
  stopped: boolean;
}

/** Runs the triggers of all services in the cloud process. */
export function createTriggerRunner(options: TriggerRunnerOptions): LocalTriggerRunner {
  const { registry, topicRules } = options;
  const clients = createAwsClients(options.endpoints);
  const checkpoints = createCheckpointStore(options.state);
  const isAvailable = registry.isAvailable;
  const notifications = createBucketNotifications({ ...options, isAvailable });
  const slots = new Map<string, Slot>();
  /** Triggers that stop; what takes their place waits, so that no batch is in flight twice. */
  const leaving = new Map<string, Promise<void>>();
  let stopped = false;

  const unsubscribe = registry.onAvailable((service) => {
    for (const { running, trigger } of slots.values()) {
      if (registry.get(trigger.functionName)?.service === service) running?.resume();
    }
  });

  function start(service: string, id: string, trigger: PolledTrigger): void {
    const definition = JSON.stringify(trigger);
    const slot: Slot = { service, definition, trigger, running: undefined, stopped: false };
    slots.set(id, slot);
    const begin = () => {
      if (!slot.stopped && !stopped) {
        slot.running = startTrigger(id, trigger, { ...options, clients, checkpoints });
      }
    };
    const previous = leaving.get(id);
    if (previous) void previous.then(begin);
    else begin();
  }

  function retire(id: string, slot: Slot): void {
    slot.stopped = true;
    slots.delete(id);
    if (!slot.running) return;
    const gone = slot.running.stop(Number.POSITIVE_INFINITY).then(() => {
      if (leaving.get(id) === gone) leaving.delete(id);
    });
    leaving.set(id, gone);
  }

  function replace(service: string, triggers: readonly TriggerDefinition[]): void {
    const wanted = new Map<string, PolledTrigger>();
    for (const trigger of triggers) {
      if (trigger.kind === 's3' || trigger.kind === 'iot') continue;
      // One bad trigger does not keep the others from running; it is among the warnings.
      if (invalidReason(trigger) === undefined) wanted.set(triggerId(trigger), trigger);
    }
    for (const [id, slot] of slots) {
      if (slot.service !== service) continue;
      const replacement = wanted.get(id);
      if (replacement && JSON.stringify(replacement) === slot.definition) wanted.delete(id);
      else retire(id, slot);
    }
    for (const [id, trigger] of wanted) start(service, id, trigger);
  }

  return {
    apply(service, triggers) {
      for (const warning of triggers.flatMap(triggerWarnings)) options.log.warn(warning);
      const bucketTriggers = triggers.filter(
        (trigger): trigger is BucketTrigger => trigger.kind === 's3',
      );
      const rules = triggers.filter(
        (trigger): trigger is TopicRuleTrigger => trigger.kind === 'iot',
      );
      notifications.apply(service, bucketTriggers);
      topicRules?.apply(service, rules);
      replace(service, triggers);
    },
    remove(service) {
      replace(service, []);
      notifications.remove(service);
      topicRules?.remove(service);
    },
    notify: notifications.notify,
    nudge(source) {
      for (const { trigger, running } of slots.values()) {
        if (trigger.kind === 'schedule' || trigger.kind !== source.kind) continue;
        if (sourceName(trigger.sourceArn) === source.name) running?.nudge();
      }
    },
    status() {
      const polled = [...slots].map(([id, { service, trigger, running }]) => ({
        ...(running?.status() ?? idleStatus(id, trigger)),
        service,
      }));
      return [...polled, ...notifications.status()];
    },
    async stop() {
      stopped = true;
      unsubscribe();
      const running = [...slots.values()].map((slot) => slot.running);
      await Promise.all(running.map((trigger) => trigger?.stop(STOP_GRACE_MS)));
      slots.clear();
      clients.close();
    },
  };
}

/** Stable over restarts and registrations: checkpoints are kept by it. */
function triggerId(trigger: PolledTrigger): string {
  const source = trigger.kind === 'schedule' ? trigger.name : trigger.sourceArn;
  return `${trigger.functionName}|${source}`;
}

function idleStatus(id: string, trigger: PolledTrigger): Omit<MappingStatus, 'service'> {
  return {
    id,
    kind: trigger.kind,
    functionName: trigger.functionName,
    source: trigger.kind === 'schedule' ? trigger.expression : trigger.sourceArn,
    state: trigger.enabled ? 'stopped' : 'disabled',
    shards: [],
    ...NO_COUNTS,
  };
}
