import type { Clock } from '../clock.ts';
import type { QueuesEngine } from '../engines/queues.ts';
import type { FaultStatus } from '../faults/index.ts';
import type { FunctionRegistry } from '../lambda/index.ts';
import type { MappingStatus } from '../ports.ts';
import type { CloudStatus, QueueState } from './status.ts';

/** What the status is put together from. */
export interface StatusSources {
  readonly addresses: CloudStatus['addresses'];
  readonly clock: Clock & { readonly offsetMs?: number };
  readonly registry: Pick<FunctionRegistry, 'get' | 'list'>;
  readonly services: { status(): CloudStatus['services'] };
  readonly triggers: { status(): readonly MappingStatus[] };
  readonly rules: { status(): CloudStatus['topicRules'] };
  readonly async: { status(): CloudStatus['asynchronousInvocations'] };
  readonly broker: { clients(): number };
  readonly queues: Pick<QueuesEngine, 'describe'>;
  readonly faults: FaultStatus | undefined;
}

export function statusDocument(sources: StatusSources): CloudStatus {
  const { registry, clock } = sources;
  const mappings = sources.triggers.status().map((mapping) => withFunction(mapping, registry));
  return {
    addresses: sources.addresses,
    clock: { now: clock.now(), offsetMs: clock.offsetMs ?? 0 },
    services: sources.services.status(),
    mappings,
    queues: queueStates(mappings, registry, sources.queues),
    topicRules: sources.rules.status(),
    asynchronousInvocations: sources.async.status(),
    mqttClients: sources.broker.clients(),
    ...(sources.faults && { faults: sources.faults }),
  };
}

/** What runs asynchronously has its destination at the function, not at the trigger. */
function withFunction(mapping: MappingStatus, registry: StatusSources['registry']): MappingStatus {
  const declared = registry.get(mapping.functionName);
  const isAsynchronous = mapping.kind === 's3' || mapping.kind === 'schedule';
  const onFailureArn =
    mapping.onFailureArn ?? (isAsynchronous ? declared?.async.onFailureArn : undefined);
  return {
    ...mapping,
    ...(declared && { service: declared.service }),
    ...(onFailureArn !== undefined && { onFailureArn }),
  };
}

function queueStates(
  mappings: readonly MappingStatus[],
  registry: StatusSources['registry'],
  queues: StatusSources['queues'],
): QueueState[] {
  const deadLettersOf = new Map<string, Set<string>>();
  const add = (arn: string, from?: string) => {
    const names = deadLettersOf.get(arn) ?? new Set();
    if (from !== undefined) names.add(from);
    deadLettersOf.set(arn, names);
  };
  for (const { kind, source, functionName, onFailureArn } of mappings) {
    if (onFailureArn !== undefined) add(onFailureArn, functionName);
    if (kind !== 'sqs') continue;
    add(source);
    const redrive = queues.describe(source)?.deadLetterArn;
    if (redrive !== undefined) add(redrive, nameOfArn(source));
  }
  for (const { name, async } of registry.list()) {
    if (async.onFailureArn !== undefined) add(async.onFailureArn, name);
  }
  return [...deadLettersOf]
    .flatMap(([arn, names]) => {
      const queue = queues.describe(arn);
      if (!queue) return [];
      const { messages, inFlight, delayed } = queue;
      const from = [...names].sort();
      return [{ arn, name: nameOfArn(arn), messages, inFlight, delayed, deadLettersOf: from }];
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function nameOfArn(arn: string): string {
  return arn.slice(arn.lastIndexOf(':') + 1);
}
