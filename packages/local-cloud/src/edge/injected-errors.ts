import type { ApiCall } from '../faults/index.ts';
import type { AwsError, Protocol } from './aws-error.ts';

export type InjectedError = AwsError & {
  /** Of SQS: the code under which clients of its Query days know the error. */
  readonly queryError?: string;
};

const RATE = 'Rate exceeded';

/** DynamoDB throttles what touches items by throughput, everything else by the rate of calls. */
const ITEM_OPERATION = /Item|^Query$|^Scan$|Statement|Transaction/;
const SHARD_OPERATION = /^PutRecords?$|^GetRecords$|^GetShardIterator$/;

/**
 * The error with which the service throttles, as its clients know it.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
 * https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecord.html
 * https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
 * https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
 * https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 */
export function throttleOf({ service, operation }: ApiCall): InjectedError {
  const bad = (code: string, message = RATE): InjectedError => ({ code, message, status: 400 });
  switch (service) {
    case 'dynamodb':
      if (!ITEM_OPERATION.test(operation)) return bad('ThrottlingException');
      return bad(
        'ProvisionedThroughputExceededException',
        'The level of configured provisioned throughput for the table was exceeded.',
      );
    case 'kinesis':
      if (!SHARD_OPERATION.test(operation)) return bad('LimitExceededException');
      return bad('ProvisionedThroughputExceededException', 'Rate exceeded for shard.');
    case 'dynamodb-streams':
      return bad('LimitExceededException');
    case 'cognito':
      return bad('TooManyRequestsException', 'Too many requests');
    case 'sqs': {
      const code = 'com.amazonaws.sqs#RequestThrottled';
      const queryError = 'RequestThrottled;Sender';
      return { code, message: 'Request is throttled.', status: 403, queryError };
    }
    case 'sns':
      return { code: 'Throttled', message: RATE, status: 429 };
    case 's3':
      return { code: 'SlowDown', message: 'Please reduce your request rate.', status: 503 };
    case 'lambda':
      return { code: 'TooManyRequestsException', message: 'Rate Exceeded.', status: 429 };
    case 'iot-data':
      return { code: 'ThrottlingException', message: RATE, status: 429 };
  }
}

/** The error with which the service says that the fault is its own. */
export function failureOf({ service }: ApiCall): InjectedError {
  const server = (code: string, message = 'An internal error occurred.'): InjectedError => ({
    code,
    message,
    status: 500,
  });
  switch (service) {
    case 'dynamodb':
    case 'dynamodb-streams':
      return server('InternalServerError');
    case 'kinesis':
      return server('InternalFailureException');
    case 'sqs':
      return { ...server('InternalError'), queryError: 'InternalError;Receiver' };
    case 'cognito':
      return server('InternalErrorException');
    case 'sns':
      return server('InternalError');
    case 's3':
      return server('InternalError', 'We encountered an internal error. Please try again.');
    case 'lambda':
      return server('ServiceException');
    case 'iot-data':
      return server('InternalFailureException');
  }
}

export function protocolOf({ service }: ApiCall): Protocol {
  switch (service) {
    case 'sns':
      return 'query';
    case 's3':
      return 's3';
    case 'lambda':
    case 'iot-data':
      return 'rest-json';
    default:
      return 'json';
  }
}
