import type { S3Client } from '@aws-sdk/client-s3';
import { localCredentials, localRegion, ownUserAgent } from './addresses.ts';
import { isBucket } from './lambda/destination-object.ts';
import { MessageRefusedError } from './message-refused.ts';
import type { MessageSink } from './ports.ts';
import { type EngineCalls, EngineError } from './resources/aws-json.ts';

/** What SQS and SNS answer when the message itself is at fault, not its queue or topic, nor the hour. */
const REFUSALS: ReadonlySet<string> = new Set([
  'InvalidMessageContents',
  'InvalidParameter',
  'InvalidParameterValue',
  'MissingParameter',
]);

/** Sends to queues, topics and buckets as any client of the edge does. */
export function createMessageSink(calls: EngineCalls, edgeUrl: string): MessageSink {
  const putObject = createPutObject(edgeUrl);
  return {
    async send(targetArn, body, objectKey) {
      const [, , service, , account, name = ''] = targetArn.split(':');
      if (service === 'sqs') {
        const QueueUrl = `${edgeUrl}/${account}/${name}`;
        const message = { QueueUrl, MessageBody: body };
        await calls.call('AmazonSQS.SendMessage', message).catch(tellRefusal);
      } else if (service === 'sns') {
        const message = { TopicArn: targetArn, Message: body };
        await calls.query('sns', { Action: 'Publish', ...message }).catch(tellRefusal);
      } else if (isBucket(targetArn) && objectKey !== undefined) {
        await putObject(name, objectKey, body);
      } else {
        throw new Error(`${targetArn} is neither a queue, a topic nor a bucket`);
      }
    },
  };
}

function tellRefusal(error: unknown): never {
  if (error instanceof EngineError && REFUSALS.has(error.type)) {
    throw new MessageRefusedError(error.message, { cause: error });
  }
  throw error;
}

/** Most stacks never discard anything into a bucket: the client is loaded when one does. */
function createPutObject(edgeUrl: string) {
  let client: S3Client | undefined;
  return async (Bucket: string, Key: string, Body: string): Promise<void> => {
    const sdk = await import('@aws-sdk/client-s3');
    client ??= new sdk.S3Client({
      ...{ endpoint: edgeUrl, region: localRegion, credentials: localCredentials },
      forcePathStyle: true,
      customUserAgent: ownUserAgent,
    });
    await client.send(
      new sdk.PutObjectCommand({ Bucket, Key, Body, ContentType: 'application/json' }),
    );
  };
}
