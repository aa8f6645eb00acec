import type { TopicRuleAction } from '../../ports.ts';
import { arn, functionNameOf, generatedName } from '../names.ts';
import type { Properties, ResourceKind } from './kind.ts';
import { flag, number, record, records, text } from './properties.ts';

export const topicRuleKind: ResourceKind = {
  type: 'AWS::IoT::TopicRule',
  supported: ['RuleName', 'TopicRulePayload'],
  harmless: ['Tags'],
  provision(properties, context) {
    const name =
      text(properties, 'RuleName') ?? ruleName(generatedName(context.naming, context.logicalId));
    const payload = record(properties, 'TopicRulePayload') ?? {};
    const understood = (action: Properties) => topicRuleAction(action, context.warn);
    const actions = records(payload, 'Actions').flatMap(understood);
    const [errorAction] = [record(payload, 'ErrorAction') ?? {}].flatMap((action) =>
      Object.keys(action).length > 0 ? understood(action) : [],
    );
    return Promise.resolve({
      ref: name,
      attributes: { Arn: arn(context.naming, 'iot', `rule/${name}`) },
      triggers: [
        {
          kind: 'iot',
          ruleName: name,
          sql: text(payload, 'Sql') ?? '',
          enabled: !flag(payload, 'RuleDisabled', false),
          actions,
          ...(errorAction ? { errorAction } : {}),
        },
      ],
    });
  },
};

/** Rule names hold letters, digits and underscores only. */
export function ruleName(name: string): string {
  return name.replace(/[^A-Za-z0-9_]/g, '_');
}

function topicRuleAction(action: Properties, warn: (message: string) => void): TopicRuleAction[] {
  const [kind] = Object.keys(action);
  const settings = record(action, kind ?? '') ?? {};
  switch (kind) {
    case 'Lambda':
      return [
        { kind: 'lambda', functionName: functionNameOf(text(settings, 'FunctionArn') ?? '') },
      ];
    case 'Sqs':
      return [
        {
          kind: 'sqs',
          queueUrl: text(settings, 'QueueUrl') ?? '',
          useBase64: flag(settings, 'UseBase64', false),
        },
      ];
    case 'Sns':
      return [{ kind: 'sns', targetArn: text(settings, 'TargetArn') ?? '' }];
    case 'Kinesis': {
      const partitionKey = text(settings, 'PartitionKey');
      return [
        {
          kind: 'kinesis',
          streamName: text(settings, 'StreamName') ?? '',
          ...(partitionKey === undefined ? {} : { partitionKey }),
        },
      ];
    }
    case 'Republish':
      return [
        {
          kind: 'republish',
          topic: text(settings, 'Topic') ?? '',
          qos: number(settings, 'Qos') === 1 ? 1 : 0,
        },
      ];
    default:
      warn(`the topic rule action ${kind ?? '(empty)'} is not run locally`);
      return [];
  }
}
