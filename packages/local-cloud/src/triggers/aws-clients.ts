import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { InProcessRequestHandler } from '../edge/in-process.ts';
import { LOCAL_REGION } from '../lambda/function-arn.ts';

/** Where each service answers: the edge for all of them, or an engine directly. */
export interface AwsEndpoints {
  readonly edgeUrl: string;
  readonly dynamodbUrl?: string;
  readonly sqsUrl?: string;
  /** Reaches the edge without a connection, where it is in this process; `edgeUrl` by default. */
  readonly edge?: InProcessRequestHandler;
}

export interface AwsClients {
  readonly dynamodb: DynamoDBClient;
  readonly dynamodbStreams: DynamoDBStreamsClient;
  readonly sqs: SQSClient;
  close(): void;
}

/** By this the edge knows the pollers' requests. */
export const POLLER_USER_AGENT = 'millrace-event-source-mapping';

/**
 * The edge does not verify its own pollers: a signature would cost more than their question. The
 * engines only look whether one is there.
 */
const UNVERIFIED = {
  async sign<T extends { headers: Record<string, string> }>(request: T): Promise<T> {
    request.headers.authorization = `AWS4-HMAC-SHA256 Credential=millrace/20260101/${LOCAL_REGION}/local/aws4_request, SignedHeaders=host, Signature=none`;
    request.headers['x-amz-date'] = '20260101T000000Z';
    return request;
  },
};

/** The pollers' clients. One attempt each: the pollers have their own patience, and show it. */
export function createAwsClients(endpoints: AwsEndpoints): AwsClients {
  const shared = {
    region: LOCAL_REGION,
    credentials: { accessKeyId: 'millrace', secretAccessKey: 'millrace' },
    maxAttempts: 1,
    customUserAgent: POLLER_USER_AGENT,
  };
  const { edgeUrl, edge } = endpoints;
  const at = (url: string | undefined) => ({
    ...{ ...shared, endpoint: url ?? edgeUrl },
    ...(url === undefined && edge && { requestHandler: edge, signer: UNVERIFIED }),
  });
  const dynamodb = new DynamoDBClient(at(endpoints.dynamodbUrl));
  const dynamodbStreams = new DynamoDBStreamsClient(at(endpoints.dynamodbUrl));
  // Queue URLs name the host for other programs; these clients always go to the endpoint.
  const sqs = new SQSClient({ ...at(endpoints.sqsUrl), useQueueUrlAsEndpoint: false });

  return {
    dynamodb,
    dynamodbStreams,
    sqs,
    close() {
      for (const client of [dynamodb, dynamodbStreams, sqs]) client.destroy();
    },
  };
}

/** The engine says that the table or queue does not exist (yet, or any more). */
export function isNotFound(error: unknown): boolean {
  const name = error instanceof Error ? error.name : '';
  return (
    name === 'ResourceNotFoundException' ||
    name === 'QueueDoesNotExist' ||
    name === 'AWS.SimpleQueueService.NonExistentQueue'
  );
}

/** The position of an iterator cannot be used any more; a new iterator can. */
export function isExpiredIterator(error: unknown): boolean {
  return error instanceof Error && error.name === 'ExpiredIteratorException';
}

/** The retention has taken what came after the position. */
export function isTrimmed(error: unknown): boolean {
  return error instanceof Error && error.name === 'TrimmedDataAccessException';
}
