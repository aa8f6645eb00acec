/**
 * Where MiniStack 1.5.33 is not like AWS and the rehearsal notices. Each is asserted as MiniStack
 * does it, so that a version that mends it makes the test fail and this table shorter.
 */
export const DEVIATIONS = {
  providerUrl: {
    rule: 'AWS::Cognito::UserPool returns ProviderURL by Fn::GetAtt',
    source:
      'https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cognito-userpool.html',
    miniStack: 'refuses the attribute; the rehearsal translates it (template-front.ts)',
  },
  partialBatch: {
    rule: 'A stream mapping with ReportBatchItemFailures retries from the lowest reported sequence number',
    source:
      'https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-batchfailurereporting.html',
    miniStack:
      'checkpoints the whole batch as if it had succeeded: the failed record is never delivered again',
  },
} as const;
