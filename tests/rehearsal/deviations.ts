/**
 * Where MiniStack 1.5.33 is not like AWS and the rehearsal notices. A green run says nothing of these
 * rules: the tests of `packages/local-cloud` and of the services hold them. Each is asserted here as
 * MiniStack does it, so that a version that mends it makes the rehearsal fail and this table shorter.
 */
export const DEVIATIONS = {
  providerUrl: {
    rule: 'Fn::GetAtt gives the ProviderURL of an AWS::Cognito::UserPool',
    source:
      'https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cognito-userpool.html',
    miniStack:
      'fails the stack; template-front.ts says it with ProviderName, and lets the keys be fetched from MiniStack',
  },
  partialBatch: {
    rule: 'a stream mapping with ReportBatchItemFailures tries again from the lowest reported sequence number',
    source:
      'https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-batchfailurereporting.html',
    miniStack: 'checkpoints the batch as if all of it had succeeded: the record never comes again',
  },
  retryLimit: {
    rule: 'a stream mapping gives a batch up after MaximumRetryAttempts and tells the on-failure destination',
    source: 'https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html',
    miniStack: 'tries for ever; the failures queue stays empty',
  },
  bucketNotEmpty: {
    rule: 'a bucket that holds objects cannot be deleted with its stack',
    source:
      'https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-s3-bucket.html',
    miniStack:
      'deletes it with all that it holds; on AWS empty it before `serverless-compose remove`',
  },
} as const;
