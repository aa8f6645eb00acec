import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { IoTDataPlaneClient } from '@aws-sdk/client-iot-data-plane';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';

export const region = 'us-east-1';

export type Credentials = { readonly accessKeyId: string; readonly secretAccessKey: string };
export type Clients = ReturnType<typeof createClients>;

/** One client of AWS's SDK per service, all of them speaking to `endpoint`. */
export function createClients(endpoint: string, credentials: Credentials) {
  // A rule shows what one call does: a refusal must not be hidden by the SDK's retries.
  const options = { endpoint, region, credentials, maxAttempts: 1 };
  const sqs = new SQSClient({ ...options, useQueueUrlAsEndpoint: false });
  const clients = {
    cloudFormation: new CloudFormationClient(options),
    dynamodb: new DynamoDBClient(options),
    dynamodbStreams: new DynamoDBStreamsClient(options),
    iotData: new IoTDataPlaneClient(options),
    // By itself it would speak HTTP/2 without TLS, which few endpoints know.
    kinesis: new KinesisClient({ ...options, requestHandler: sqs.config.requestHandler }),
    lambda: new LambdaClient(options),
    s3: new S3Client({ ...options, forcePathStyle: true }),
    sns: new SNSClient(options),
    sqs,
  };
  return {
    ...clients,
    /** Closes idle connections. */
    destroy() {
      for (const client of Object.values(clients)) client.destroy();
    },
  };
}
