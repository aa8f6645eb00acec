import { expect, it } from 'vitest';
import { mappingLogicalId } from '../../src/resources/events/extensions.ts';

const streamArn = 'arn:aws:kinesis:us-east-1:000000000000:stream/millrace-local-events';

// The names are those of the framework's own naming module.
it.each<[string, Record<string, unknown>, string | undefined]>([
  ['an ARN', { stream: streamArn }, 'MyDashfnEventSourceMappingKinesisMillracelocalevents'],
  [
    'an attribute',
    { stream: { type: 'dynamodb', arn: { 'Fn::GetAtt': ['Orders', 'StreamArn'] } } },
    'MyDashfnEventSourceMappingDynamodbOrders',
  ],
  [
    'an import',
    { stream: { type: 'kinesis', arn: { 'Fn::ImportValue': 'analytics-EventsArn' } } },
    'MyDashfnEventSourceMappingKinesisAnalyticsEventsArn',
  ],
  [
    'a join',
    { stream: { type: 'kinesis', arn: { 'Fn::Join': [':', ['arn', 'stream/events']] } } },
    'MyDashfnEventSourceMappingKinesisEvents',
  ],
  [
    'a queue',
    { sqs: { arn: 'arn:aws:sqs:us-east-1:000000000000:my-jobs' } },
    'MyDashfnEventSourceMappingSQSMyjobs',
  ],
  ['a bucket', { s3: 'uploads' }, undefined],
])('names the mapping of %s as the framework does', (_, event, logicalId) => {
  expect(mappingLogicalId('my-fn', event)).toBe(logicalId);
});
