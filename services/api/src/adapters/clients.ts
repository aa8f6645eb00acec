import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { IoTClient } from '@aws-sdk/client-iot';
import { IoTDataPlaneClient } from '@aws-sdk/client-iot-data-plane';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import { S3Client } from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { traceClient } from '@millrace/middleware';

/** One of each per cold start; where they speak to is the SDK's own configuration. */
export const dynamoClient = () => traceClient(new DynamoDBClient());

export const documentsOf = (client: DynamoDBClient) =>
  DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });

export const kinesisClient = () => traceClient(new KinesisClient());

export const iotClient = () => traceClient(new IoTClient());

export const iotDataClient = () => traceClient(new IoTDataPlaneClient());

/** See `s3Uploads` on the checksums. */
export const s3Client = () =>
  traceClient(
    new S3Client({
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    }),
  );
