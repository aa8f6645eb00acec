import type { MessageSink } from './ports.ts';
import type { EngineCalls } from './resources/aws-json.ts';

/** Sends to queues and topics as any client of the edge does. */
export function createMessageSink(calls: EngineCalls, edgeUrl: string): MessageSink {
  return {
    async send(targetArn, body) {
      const [, , service, , account, name] = targetArn.split(':');
      if (service === 'sqs') {
        const QueueUrl = `${edgeUrl}/${account}/${name}`;
        await calls.call('AmazonSQS.SendMessage', { QueueUrl, MessageBody: body });
      } else if (service === 'sns') {
        await calls.query('sns', { Action: 'Publish', TopicArn: targetArn, Message: body });
      } else {
        throw new Error(`${targetArn} is neither a queue nor a topic`);
      }
    },
  };
}
