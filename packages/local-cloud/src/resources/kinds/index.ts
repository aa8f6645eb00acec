import { bucketKind } from './bucket.ts';
import { eventSourceMappingKind } from './event-source-mapping.ts';
import { iotPolicyKind } from './iot-policy.ts';
import type { ResourceKind } from './kind.ts';
import { provisioningTemplateKind } from './provisioning-template.ts';
import { queueKind } from './queue.ts';
import { streamKind } from './stream.ts';
import { streamConsumerKind } from './stream-consumer.ts';
import { tableKind } from './table.ts';
import { subscriptionKind, topicKind } from './topic.ts';
import { topicRuleKind } from './topic-rule.ts';
import { userPoolClientKind, userPoolGroupKind, userPoolKind } from './user-pool.ts';

/** The CloudFormation types that exist for real locally. */
export const resourceKinds: ReadonlyMap<string, ResourceKind> = new Map(
  [
    bucketKind,
    eventSourceMappingKind,
    iotPolicyKind,
    provisioningTemplateKind,
    queueKind,
    streamConsumerKind,
    streamKind,
    subscriptionKind,
    tableKind,
    topicKind,
    topicRuleKind,
    userPoolClientKind,
    userPoolGroupKind,
    userPoolKind,
  ].map((kind) => [kind.type, kind]),
);
