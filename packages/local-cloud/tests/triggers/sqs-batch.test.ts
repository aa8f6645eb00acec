import type { Message, SQSClient } from '@aws-sdk/client-sqs';
import { expect, it } from 'vitest';
import { receiveBatch } from '../../src/triggers/sqs/batch.ts';
import { createVirtualClock } from './virtual-clock.ts';

/** A queue that never runs dry, of messages of one size. */
function endlessQueue(bytes: number) {
  let handedOut = 0;
  const client = {
    async send({ input }: { input: { MaxNumberOfMessages: number } }) {
      const Messages: Message[] = Array.from({ length: input.MaxNumberOfMessages }, () => {
        handedOut += 1;
        return { MessageId: `m${handedOut}`, Body: 'x'.repeat(bytes) };
      });
      return { Messages };
    },
  };
  return client as unknown as SQSClient;
}

const collect = (bytes: number, batchSize: number) =>
  receiveBatch({
    ...{ client: endlessQueue(bytes), queueUrl: 'http://queue', batchSize, windowMs: 300_000 },
    ...{ clock: createVirtualClock(), signal: new AbortController().signal },
  });

it('collects no more than one event can hold, whatever the batch size', async () => {
  // More would have to wait for the first event's function, beyond the visibility timeout maybe.
  const messages = await collect(250_000, 1_000);
  expect(messages.length * 250_000).toBeGreaterThan(6_000_000);
  expect(messages.length).toBeLessThanOrEqual(40);
});

it('collects up to the batch size while there is room', async () => {
  expect(await collect(10, 1_000)).toHaveLength(1_000);
});
