/** The AWS pages that the rules of event source mappings come from. */
const guide = 'https://docs.aws.amazon.com/lambda/latest/dg';

export const pages = {
  kinesis: `${guide}/with-kinesis.html`,
  dynamodb: `${guide}/with-ddb.html`,
  batching: `${guide}/invocation-eventsourcemapping.html`,
  kinesisParameters: `${guide}/services-kinesis-parameters.html`,
  createMapping: 'https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html',
  partialResponses: `${guide}/services-kinesis-batchfailurereporting.html`,
  dynamodbPartialResponses: `${guide}/services-ddb-batchfailurereporting.html`,
  kinesisFailures: `${guide}/kinesis-on-failure-destination.html`,
  dynamodbFailures: `${guide}/services-dynamodb-errors.html`,
  windows: `${guide}/services-kinesis-windows.html`,
  dynamodbWindows: `${guide}/services-ddb-windows.html`,
  filters: `${guide}/invocation-eventfiltering.html`,
  kinesisFilters: `${guide}/with-kinesis-filtering.html`,
  dynamodbFilters: `${guide}/with-ddb-filtering.html`,
  concurrency: `${guide}/configuration-concurrency.html`,
  resharding:
    'https://docs.aws.amazon.com/streams/latest/dev/kinesis-using-sdk-java-resharding.html',
} as const;
