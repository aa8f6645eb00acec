import type { Resource, Template } from './package-service.ts';

/** A rule of the house over a synthesized template: returns one line for each place that breaks it. */
export interface TemplateRule {
  readonly name: string;
  readonly violations: (template: Template) => string[];
}

type Entry = readonly [id: string, resource: Resource];

const ofType = (template: Template, type: string): Entry[] =>
  Object.entries(template.Resources).filter(([, resource]) => resource.Type === type);

const at = (value: unknown, ...path: string[]): unknown =>
  path.reduce<unknown>((inner, key) => (isRecord(inner) ? inner[key] : undefined), value);

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const list = (value: unknown): unknown[] =>
  Array.isArray(value) ? value : value === undefined ? [] : [value];

/** The logical id that `{Ref}`, `{Fn::GetAtt}` points at. */
function target(value: unknown): string | undefined {
  const ref = at(value, 'Ref');
  if (typeof ref === 'string') return ref;
  const [id] = list(at(value, 'Fn::GetAtt'));
  return typeof id === 'string' ? id.split('.')[0] : undefined;
}

const functions = (template: Template) => ofType(template, 'AWS::Lambda::Function');
const mappings = (template: Template) => ofType(template, 'AWS::Lambda::EventSourceMapping');
const isStreamMapping = ([, { Properties }]: Entry) => 'StartingPosition' in Properties;

function statements(role: Resource): Record<string, unknown>[] {
  return list(role.Properties.Policies)
    .flatMap((policy) => list(at(policy, 'PolicyDocument', 'Statement')))
    .filter(isRecord);
}

const missing = (
  entries: readonly Entry[],
  what: string,
  holds: (resource: Resource, id: string) => boolean,
) => entries.filter(([id, resource]) => !holds(resource, id)).map(([id]) => `${id}: ${what}`);

const REFERENCE = '(reference)';

/** An ARN as text, so that what is fixed in it can be read. */
function flatten(value: unknown): string {
  if (typeof value === 'string') return value;
  const join = at(value, 'Fn::Join');
  if (Array.isArray(join)) return list(join[1]).map(flatten).join(String(join[0]));
  const sub = at(value, 'Fn::Sub');
  if (typeof sub === 'string') return sub;
  if (Array.isArray(sub)) return String(sub[0]);
  return REFERENCE;
}

/** Where a `*` stands for names that the function itself makes or that callers choose. */
const NARROW = [
  // Objects of one bucket, items of one table's indexes, streams of one log group, one kind of topic.
  /^(arn:[^*:]+(::Partition})?:s3:::[^*]+|\$\{\w+\.Arn\}|\(reference\))\/[^*]*\*$/,
  /^(arn:[^*]+:table\/[^*]+|\(reference\))\/index\/[^*]+$/,
  /^arn:[^*]+:log-group:\/aws\/lambda\/[^*]+\*?(:\*)?$/,
  /^arn:[^*]+:topic\/devices\/\*\/(telemetry\/rejected|commands)$/,
  // Things are named by device ids, certificates by AWS.
  /^arn:[^*]+:(thing|cert)\/\*$/,
];

function isNarrow(resource: string, actions: readonly string[]): boolean {
  if (!resource.includes('*')) return true;
  if (resource === '*') return actions.every((action) => WITHOUT_RESOURCE.has(action));
  return NARROW.some((shape) => shape.test(resource));
}

/** X-Ray's actions know no resources: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsx-ray.html */
const WITHOUT_RESOURCE = new Set([
  'xray:PutTraceSegments',
  'xray:PutTelemetryRecords',
  // https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsiot.html
  'iot:AttachThingPrincipal',
  'iot:CreateKeysAndCertificate',
  'iot:DetachThingPrincipal',
  'iot:ListThingPrincipals',
]);

function alarmed(template: Template, metric: string): Set<string> {
  return new Set(
    ofType(template, 'AWS::CloudWatch::Alarm')
      .filter(([, alarm]) => alarm.Properties.MetricName === metric)
      .flatMap(([, alarm]) => list(alarm.Properties.Dimensions))
      .map((dimension) => target(at(dimension, 'Value')) ?? String(at(dimension, 'Value'))),
  );
}

/** Alarms name a function by Ref or by its name. */
const functionAlarm = (template: Template, metric: string) => {
  const names = alarmed(template, metric);
  return (resource: Resource, id: string) =>
    names.has(id) || names.has(String(resource.Properties.FunctionName));
};

/** A template of AWS IoT waits for what its hook decides. */
const isHook = (permission: Resource) =>
  flatten(permission.Properties.SourceArn).includes(':provisioningtemplate/');

/** Functions that S3, IoT, SNS or EventBridge invoke asynchronously. */
function asynchronous(template: Template): Entry[] {
  const principals = new Set([
    's3.amazonaws.com',
    'iot.amazonaws.com',
    'sns.amazonaws.com',
    'events.amazonaws.com',
  ]);
  const invoked = new Set(
    ofType(template, 'AWS::Lambda::Permission')
      .filter(([, permission]) => principals.has(String(permission.Properties.Principal)))
      .filter(([, permission]) => !isHook(permission))
      .map(([, permission]) => target(permission.Properties.FunctionName)),
  );
  return functions(template).filter(([id]) => invoked.has(id));
}

export const RULES: readonly TemplateRule[] = [
  {
    name: 'every function has a role of its own',
    violations: (template) => {
      const roles = functions(template).map(
        ([id, fn]) => [id, target(fn.Properties.Role)] as const,
      );
      return roles
        .filter(
          ([, role]) =>
            role === undefined || roles.filter(([, other]) => other === role).length > 1,
        )
        .map(([id, role]) => `${id}: shares the role ${role ?? 'of another stack'}`);
    },
  },
  {
    name: 'no policy has a wildcard action or resource, or comes from elsewhere',
    violations: (template) => [
      ...ofType(template, 'AWS::IAM::Role').flatMap(([id, role]) => [
        ...list(role.Properties.ManagedPolicyArns).map(() => `${id}: has a managed policy`),
        ...statements(role).flatMap((statement) => {
          const actions = list(statement.Action).map(String);
          return [
            ...actions
              .filter((action) => action.includes('*'))
              .map((action) => `${id}: action ${action}`),
            ...list(statement.Resource)
              .map(flatten)
              .filter((resource) => !isNarrow(resource, actions))
              .map((resource) => `${id}: ${actions.join(', ')} on ${resource}`),
          ];
        }),
      ]),
      ...[
        ...ofType(template, 'AWS::IAM::Policy'),
        ...ofType(template, 'AWS::IAM::ManagedPolicy'),
      ].map(([id]) => `${id}: a policy beside the roles`),
    ],
  },
  {
    name: 'stream mappings retry boundedly, split, report partial failures and have an on-failure destination',
    violations: (template) => {
      const streams = mappings(template).filter(isStreamMapping);
      const within = (value: unknown) => typeof value === 'number' && value >= 0;
      return [
        ...missing(streams, 'MaximumRetryAttempts is infinite', ({ Properties }) =>
          within(Properties.MaximumRetryAttempts),
        ),
        ...missing(streams, 'MaximumRecordAgeInSeconds is infinite', ({ Properties }) =>
          within(Properties.MaximumRecordAgeInSeconds),
        ),
        ...missing(
          streams,
          'no BisectBatchOnFunctionError',
          ({ Properties }) => Properties.BisectBatchOnFunctionError === true,
        ),
        ...missing(streams, 'no ReportBatchItemFailures', ({ Properties }) =>
          list(Properties.FunctionResponseTypes).includes('ReportBatchItemFailures'),
        ),
        ...missing(
          streams,
          'no on-failure destination',
          ({ Properties }) =>
            at(Properties.DestinationConfig, 'OnFailure', 'Destination') !== undefined,
        ),
      ];
    },
  },
  {
    name: 'queues that functions read have a visibility timeout of six times theirs and at least five receives',
    violations: (template) =>
      mappings(template)
        .filter((entry) => !isStreamMapping(entry))
        .flatMap(([id, mapping]) => {
          const queue = template.Resources[target(mapping.Properties.EventSourceArn) ?? ''];
          const fn = template.Resources[target(mapping.Properties.FunctionName) ?? ''];
          if (!queue || !fn) return [`${id}: its queue or function is not in the template`];
          const visibility = Number(queue.Properties.VisibilityTimeout ?? 30);
          const receives = Number(at(queue.Properties.RedrivePolicy, 'maxReceiveCount') ?? 0);
          return [
            ...(visibility < 6 * Number(fn.Properties.Timeout)
              ? [`${id}: the visibility timeout is ${visibility} s`]
              : []),
            ...(receives < 5 ? [`${id}: maxReceiveCount is ${receives}`] : []),
          ];
        }),
  },
  {
    name: 'asynchronously invoked functions have an on-failure destination and bounded retries',
    violations: (template) => {
      const configured = new Map(
        ofType(template, 'AWS::Lambda::EventInvokeConfig').map(([, config]) => [
          target(config.Properties.FunctionName) ?? String(config.Properties.FunctionName),
          config,
        ]),
      );
      return missing(
        asynchronous(template),
        'no on-failure destination or retry limit',
        (resource, id) => {
          const config =
            configured.get(id) ?? configured.get(String(resource.Properties.FunctionName));
          return (
            config !== undefined &&
            typeof config.Properties.MaximumRetryAttempts === 'number' &&
            at(config.Properties.DestinationConfig, 'OnFailure', 'Destination') !== undefined
          );
        },
      );
    },
  },
  {
    name: 'topic rules have an error action',
    violations: (template) =>
      missing(
        ofType(template, 'AWS::IoT::TopicRule'),
        'no ErrorAction',
        ({ Properties }) => at(Properties.TopicRulePayload, 'ErrorAction') !== undefined,
      ),
  },
  {
    name: 'logs are kept for a stated time',
    violations: (template) =>
      missing(
        ofType(template, 'AWS::Logs::LogGroup'),
        'no retention',
        ({ Properties }) => Number(Properties.RetentionInDays) > 0,
      ),
  },
  {
    name: 'data is encrypted, private and can be brought back',
    violations: (template) => [
      ...missing(
        ofType(template, 'AWS::DynamoDB::Table'),
        'not encrypted',
        ({ Properties }) => at(Properties.SSESpecification, 'SSEEnabled') === true,
      ),
      ...missing(
        ofType(template, 'AWS::DynamoDB::Table'),
        'no point-in-time recovery',
        ({ Properties }) =>
          at(Properties.PointInTimeRecoverySpecification, 'PointInTimeRecoveryEnabled') === true,
      ),
      ...missing(
        ofType(template, 'AWS::S3::Bucket'),
        'not encrypted',
        ({ Properties }) =>
          at(Properties.BucketEncryption, 'ServerSideEncryptionConfiguration') !== undefined,
      ),
      ...missing(
        ofType(template, 'AWS::S3::Bucket'),
        'public access is not blocked',
        ({ Properties }) =>
          at(Properties.PublicAccessBlockConfiguration, 'RestrictPublicBuckets') === true,
      ),
      ...missing(
        ofType(template, 'AWS::Kinesis::Stream'),
        'not encrypted',
        ({ Properties }) => Properties.StreamEncryption !== undefined,
      ),
      ...missing(
        ofType(template, 'AWS::SQS::Queue'),
        'not encrypted',
        ({ Properties }) =>
          Properties.SqsManagedSseEnabled === true || Properties.KmsMasterKeyId !== undefined,
      ),
    ],
  },
  {
    name: 'functions are alarmed on errors and throttles, streams on their iterator age, queues that functions read on their age, other queues on being used',
    violations: (template) => {
      const streamed = new Set(
        mappings(template)
          .filter(isStreamMapping)
          .map(([, mapping]) => target(mapping.Properties.FunctionName)),
      );
      const read = new Set(
        mappings(template).map(([, mapping]) => target(mapping.Properties.EventSourceArn)),
      );
      const used = alarmed(template, 'ApproximateNumberOfMessagesVisible');
      const aged = alarmed(template, 'ApproximateAgeOfOldestMessage');
      return [
        ...missing(functions(template), 'no alarm on errors', functionAlarm(template, 'Errors')),
        ...missing(
          functions(template),
          'no alarm on throttles',
          functionAlarm(template, 'Throttles'),
        ),
        ...missing(
          functions(template).filter(([id]) => streamed.has(id)),
          'no alarm on the iterator age',
          functionAlarm(template, 'IteratorAge'),
        ),
        ...missing(
          ofType(template, 'AWS::SQS::Queue'),
          'no alarm on messages or their age',
          ({ Properties }, id) => {
            const queues = read.has(id) ? aged : used;
            return queues.has(id) || queues.has(String(Properties.QueueName));
          },
        ),
      ];
    },
  },
];
