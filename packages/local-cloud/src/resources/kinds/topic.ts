import { arn, generatedName } from '../names.ts';
import type { KindContext, Properties, ResourceKind } from './kind.ts';
import { flag, records, text } from './properties.ts';

export const topicKind: ResourceKind = {
  type: 'AWS::SNS::Topic',
  supported: ['TopicName', 'Subscription', 'FifoTopic'],
  harmless: [
    'ContentBasedDeduplication',
    'DataProtectionPolicy',
    'DeliveryStatusLogging',
    'DisplayName',
    'KmsMasterKeyId',
    'SignatureVersion',
    'Tags',
    'TracingConfig',
  ],
  async provision(properties, context) {
    const fifo = flag(properties, 'FifoTopic', false);
    const generated = `${generatedName(context.naming, context.logicalId)}${fifo ? '.fifo' : ''}`;
    const name = text(properties, 'TopicName') ?? generated;
    // CreateTopic answers the existing topic when there is one with the same attributes.
    await context.engines.query('sns', {
      Action: 'CreateTopic',
      Version: '2010-03-31',
      Name: name,
      ...(fifo
        ? { 'Attributes.entry.1.key': 'FifoTopic', 'Attributes.entry.1.value': 'true' }
        : {}),
    });
    const topicArn = arn(context.naming, 'sns', name);
    for (const subscription of records(properties, 'Subscription')) {
      await subscribe({ ...subscription, TopicArn: topicArn }, context);
    }
    return { ref: topicArn, attributes: { TopicArn: topicArn, TopicName: name } };
  },
};

export const subscriptionKind: ResourceKind = {
  type: 'AWS::SNS::Subscription',
  supported: [
    'TopicArn',
    'Protocol',
    'Endpoint',
    'RawMessageDelivery',
    'FilterPolicy',
    'FilterPolicyScope',
  ],
  harmless: ['DeliveryPolicy', 'Region', 'RedrivePolicy', 'ReplayPolicy', 'SubscriptionRoleArn'],
  async provision(properties, context) {
    const subscriptionArn = await subscribe(properties, context);
    return { ref: subscriptionArn, attributes: { Arn: subscriptionArn } };
  },
};

/** Subscribing the same endpoint again answers the subscription that is there. */
async function subscribe(properties: Properties, context: KindContext): Promise<string> {
  const protocol = text(properties, 'Protocol') ?? '';
  const topicArn = text(properties, 'TopicArn') ?? '';
  const nominal = `${topicArn}:${context.logicalId}`;
  // People are told by e-mail and text message in the cloud only: nothing to deliver here.
  if (protocol.startsWith('email') || protocol === 'sms') return nominal;
  if (protocol !== 'sqs') {
    context.warn(`SNS subscriptions of protocol ${protocol} are not delivered locally`);
    return nominal;
  }
  const answer = await context.engines.query('sns', {
    Action: 'Subscribe',
    Version: '2010-03-31',
    TopicArn: topicArn,
    Protocol: protocol,
    Endpoint: text(properties, 'Endpoint') ?? '',
    ReturnSubscriptionArn: 'true',
    ...subscriptionAttributes(properties),
  });
  return /<SubscriptionArn>([^<]*)<\/SubscriptionArn>/.exec(answer)?.[1] ?? nominal;
}

function subscriptionAttributes(properties: Properties): Record<string, string> {
  const form: Record<string, string> = {};
  let entry = 0;
  for (const name of ['RawMessageDelivery', 'FilterPolicy', 'FilterPolicyScope']) {
    const value = properties[name];
    if (value === undefined) continue;
    entry += 1;
    form[`Attributes.entry.${entry}.key`] = name;
    form[`Attributes.entry.${entry}.value`] =
      typeof value === 'object' ? JSON.stringify(value) : String(value);
  }
  return form;
}
