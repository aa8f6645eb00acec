import { describe, expect, it } from 'vitest';
import { type RequestLine, type Route, routeRequest } from '../../src/edge/route.ts';

const signed = (service: string) =>
  `AWS4-HMAC-SHA256 Credential=any/20260101/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=0`;

function route(line: Partial<RequestLine>): Route {
  return routeRequest({ method: 'POST', url: '/', ...line });
}

describe('a request goes to', () => {
  it.each<[string, Partial<RequestLine>, Route]>([
    [
      'DynamoDB',
      { target: 'DynamoDB_20120810.PutItem' },
      { service: 'dynamodb', operation: 'PutItem' },
    ],
    [
      'DynamoDB Streams, which sign as dynamodb',
      { target: 'DynamoDBStreams_20120810.GetRecords', authorization: signed('dynamodb') },
      { service: 'dynamodb-streams', operation: 'GetRecords' },
    ],
    [
      'Kinesis',
      { target: 'Kinesis_20131202.PutRecords' },
      { service: 'kinesis', operation: 'PutRecords' },
    ],
    ['SQS', { target: 'AmazonSQS.SendMessage' }, { service: 'sqs', operation: 'SendMessage' }],
    ['SNS by its scope', { authorization: signed('sns') }, { service: 'sns' }],
    ['STS by its scope', { authorization: signed('sts') }, { service: 'sts' }],
    [
      'Cognito without a signature, as browsers call it',
      { target: 'AWSCognitoIdentityProviderService.InitiateAuth' },
      { service: 'cognito', operation: 'InitiateAuth' },
    ],
    [
      'the keys of a user pool',
      { method: 'GET', url: '/local_5Hx8kPyA/.well-known/jwks.json' },
      { service: 'well-known', poolId: 'local_5Hx8kPyA', document: 'jwks.json' },
    ],
    ['Lambda by its path', { url: '/2015-03-31/functions/f/invocations' }, { service: 'lambda' }],
    ['IoT by its path', { url: '/topics/devices%2Fd1%2Ftelemetry?qos=1' }, { service: 'iot-data' }],
    [
      'S3, although the key looks like IoT',
      { url: '/topics/key', authorization: signed('s3') },
      { service: 's3' },
    ],
    [
      'S3 by a presigned URL',
      {
        method: 'PUT',
        url: '/topics/key?X-Amz-Credential=any%2F20260101%2Fus-east-1%2Fs3%2Faws4_request',
      },
      { service: 's3' },
    ],
    ['S3 without any mark', { method: 'GET', url: '/bucket/key' }, { service: 's3' }],
    [
      'S3 for the preflight of an upload',
      { method: 'OPTIONS', url: '/bucket/key' },
      { service: 's3' },
    ],
    [
      'the local cloud itself',
      { method: 'GET', url: '/_millrace/health' },
      { service: 'millrace' },
    ],
    [
      'nobody, by an unknown target',
      { target: 'Logs_20140328.DescribeLogGroups', authorization: signed('logs') },
      { service: 'unknown', name: 'Logs_20140328.DescribeLogGroups', protocol: 'json' },
    ],
    [
      'nobody, by an unknown scope',
      {
        authorization: signed('ec2'),
        contentType: 'application/x-www-form-urlencoded; charset=utf-8',
      },
      { service: 'unknown', name: 'the service ec2', protocol: 'query' },
    ],
  ])('%s', (_, line, expected) => {
    expect(route(line)).toEqual(expected);
  });
});
