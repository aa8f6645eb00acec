import type { TriggerDefinition } from '../../ports.ts';
import { isRecord } from '../intrinsics.ts';
import type { Properties } from '../kinds/kind.ts';
import { flag, records, text } from '../kinds/properties.ts';
import { ruleName } from '../kinds/topic-rule.ts';
import { queueTrigger, streamTrigger } from './mapping.ts';

export interface EventOwner {
  /** Full function name. */
  readonly functionName: string;
  /** The key under `functions:`. */
  readonly key: string;
  readonly stackName: string;
  warn(message: string): void;
}

type ParseEvent = (settings: unknown, owner: EventOwner, index: number) => TriggerDefinition[];

/** serverless-offline itself serves these. */
const servedElsewhere = new Set(['httpApi', 'http', 'websocket', 'alb']);

const parsers: Readonly<Record<string, ParseEvent>> = {
  s3: bucketEvent,
  stream: streamEvent,
  sqs: queueEvent,
  iot: topicRuleEvent,
  schedule: scheduleEvent,
};

/** Turns a function's `events:` (intrinsics resolved) into the triggers that the cloud runs. */
export function functionTriggers(
  events: readonly unknown[],
  owner: EventOwner,
): TriggerDefinition[] {
  return events.flatMap((event, index) => {
    if (!isRecord(event)) return [];
    const [kind] = Object.keys(event);
    if (kind === undefined || servedElsewhere.has(kind)) return [];
    const parse = parsers[kind];
    if (parse) return parse(event[kind], owner, index);
    owner.warn(`events of type ${kind} do not fire locally`);
    return [];
  });
}

function bucketEvent(settings: unknown, owner: EventOwner): TriggerDefinition[] {
  const event = isRecord(settings) ? settings : { bucket: settings };
  const bucket = text(event, 'bucket');
  if (bucket === undefined) return missing('s3', 'bucket', owner);
  const rules = records(event, 'rules');
  const prefix = rules.map((rule) => text(rule, 'prefix')).find((value) => value !== undefined);
  const suffix = rules.map((rule) => text(rule, 'suffix')).find((value) => value !== undefined);
  return [
    {
      kind: 's3',
      functionName: owner.functionName,
      bucket,
      event: text(event, 'event') ?? 's3:ObjectCreated:*',
      ...(prefix === undefined ? {} : { prefix }),
      ...(suffix === undefined ? {} : { suffix }),
    },
  ];
}

function streamEvent(settings: unknown, owner: EventOwner): TriggerDefinition[] {
  const event = isRecord(settings) ? settings : { arn: settings };
  const arn = text(event, 'arn');
  if (arn === undefined) return missing('stream', 'arn', owner);
  // The framework's default, which is not Lambda's own (100).
  const withDefault = { batchSize: 10, ...event };
  const trigger = streamTrigger(owner.functionName, arn, withDefault, owner.warn);
  return trigger ? [trigger] : [];
}

function queueEvent(settings: unknown, owner: EventOwner): TriggerDefinition[] {
  const event = isRecord(settings) ? settings : { arn: settings };
  const arn = text(event, 'arn');
  if (arn === undefined) return missing('sqs', 'arn', owner);
  return [queueTrigger(owner.functionName, arn, event)];
}

function topicRuleEvent(settings: unknown, owner: EventOwner, index: number): TriggerDefinition[] {
  const event = isRecord(settings) ? settings : {};
  const sql = text(event, 'sql');
  if (sql === undefined) return missing('iot', 'sql', owner);
  return [
    {
      kind: 'iot',
      ruleName: text(event, 'name') ?? ruleName(`${owner.stackName}_${owner.key}_${index + 1}`),
      sql,
      enabled: flag(event, 'enabled', true),
      actions: [{ kind: 'lambda', functionName: owner.functionName }],
    },
  ];
}

function scheduleEvent(settings: unknown, owner: EventOwner, index: number): TriggerDefinition[] {
  const event: Properties = isRecord(settings) ? settings : { rate: settings };
  for (const ignored of ['inputPath', 'inputTransformer', 'timezone']) {
    if (event[ignored] !== undefined) owner.warn(`schedule: ${ignored} has no effect locally`);
  }
  const rates = Array.isArray(event.rate) ? event.rate : [event.rate];
  const input = scheduleInput(event.input);
  return rates.map((rate, position) => ({
    kind: 'schedule',
    functionName: owner.functionName,
    name: scheduleName(event, owner, index, rates.length > 1 ? position : undefined),
    expression: String(rate),
    enabled: flag(event, 'enabled', true),
    ...(input === undefined ? {} : { input }),
  }));
}

function scheduleName(
  event: Properties,
  owner: EventOwner,
  index: number,
  position: number | undefined,
): string {
  const base = text(event, 'name') ?? `${owner.stackName}-${owner.key}-schedule-${index + 1}`;
  return position === undefined ? base : `${base}-${position + 1}`;
}

/** Given as an object or as JSON text. */
function scheduleInput(input: unknown): unknown {
  if (typeof input !== 'string') return input;
  try {
    return JSON.parse(input);
  } catch {
    // EventBridge wants valid JSON here: a bare word can only mean a string.
    return input;
  }
}

function missing(kind: string, field: string, owner: EventOwner): TriggerDefinition[] {
  owner.warn(`${kind} event without a known ${field}: it does not fire`);
  return [];
}
