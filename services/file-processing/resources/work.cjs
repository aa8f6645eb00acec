// @ts-check
/** What every kind of content needs besides its function: a work queue and a role. */
const kinds = require('./kinds.cjs');

/** @param {string} kind */
const logical = (kind) => kind.charAt(0).toUpperCase() + kind.slice(1);

/** @param {string} id @param {string} [below] */
const arn = (id, below) =>
  below === undefined ? { 'Fn::GetAtt': [id, 'Arn'] } : { 'Fn::Sub': `\${${id}.Arn}${below}` };

/** @param {string} bucket that is another stack's or made after the functions: by name */
const named = (bucket, below = '') => ({
  'Fn::Sub': `arn:\${AWS::Partition}:s3:::\${self:custom.prefix}-${bucket}${below}`,
});

/** @param {string[]} Action @param {unknown[]} Resource */
const allow = (Action, Resource) => ({ Effect: 'Allow', Action, Resource });

/** @param {string} kind */
function queue(kind) {
  return {
    Type: 'AWS::SQS::Queue',
    Properties: {
      QueueName: `\${self:custom.prefix}-work-${kind}`,
      // Six times the function's timeout, as AWS asks for; a heartbeat shortens it while it works.
      VisibilityTimeout: 6 * (kinds[kind]?.timeout ?? 0),
      MessageRetentionPeriod: 1209600,
      SqsManagedSseEnabled: true,
      RedrivePolicy: { deadLetterTargetArn: arn('WorkFailuresQueue'), maxReceiveCount: 5 },
    },
  };
}

/** @param {string} kind */
function role(kind) {
  const name = `process${logical(kind)}`;
  const logs = `log-group:/aws/lambda/\${self:service}-\${sls:stage}-${name}*`;
  const Statement = [
    // Listing: without it a missing object is answered by 403, which says nothing.
    allow(
      ['s3:ListBucket'],
      [named('uploads'), arn('MediaBucket'), arn('QuarantineBucket'), named('lake')],
    ),
    allow(['s3:GetObject', 's3:GetObjectTagging'], [named('uploads', '/*')]),
    allow(
      ['s3:PutObject', 's3:DeleteObject', 's3:AbortMultipartUpload'],
      [arn('MediaBucket', '/*'), arn('QuarantineBucket', '/*'), named('lake', '/uploads/*')],
    ),
    allow(['dynamodb:GetItem', 'dynamodb:UpdateItem'], [arn('FilesTable')]),
    allow(
      ['dynamodb:Query', 'dynamodb:BatchWriteItem', 'dynamodb:UpdateItem'],
      [arn('SearchTable')],
    ),
    allow(
      [
        ...['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
        ...['sqs:ChangeMessageVisibility', 'sqs:SendMessage'],
      ],
      [arn(`${logical(kind)}Queue`)],
    ),
    allow(['sqs:SendMessage'], [arn('FailuresQueue')]),
    ...(kinds[kind]?.statements ?? []),
    allow(
      ['logs:CreateLogStream', 'logs:PutLogEvents'],
      [{ 'Fn::Sub': `arn:\${AWS::Partition}:logs:\${AWS::Region}:\${AWS::AccountId}:${logs}` }],
    ),
    allow(['xray:PutTraceSegments', 'xray:PutTelemetryRecords'], ['*']),
  ];
  return {
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Principal: { Service: 'lambda.amazonaws.com' },
            Action: 'sts:AssumeRole',
          },
        ],
      },
      Policies: [{ PolicyName: name, PolicyDocument: { Version: '2012-10-17', Statement } }],
    },
  };
}

module.exports = {
  Resources: Object.fromEntries(
    Object.keys(kinds).flatMap((kind) => [
      [`${logical(kind)}Queue`, queue(kind)],
      [`Process${logical(kind)}Role`, role(kind)],
    ]),
  ),
};
