import type { Message, SQSClient } from '@aws-sdk/client-sqs';
import { expect, it } from 'vitest';
import { createDelivery } from '../../src/triggers/sqs/delivery.ts';
import { queueTrigger } from './rig.ts';

it('cuts a batch so that no event is larger than 6 MB', async () => {
  const events: number[] = [];
  const deleted: string[] = [];
  const client = {
    async send({ input }: { input: { Entries: { ReceiptHandle: string }[] } }) {
      deleted.push(...input.Entries.map(({ ReceiptHandle }) => ReceiptHandle));
    },
  };
  const delivery = createDelivery({
    trigger: queueTrigger({ batchSize: 20, batchWindowSeconds: 1 }),
    client: client as unknown as SQSClient,
    invoker: {
      async invoke(_name, payload) {
        expect(Buffer.byteLength(payload)).toBeLessThanOrEqual(6 * 1024 * 1024);
        events.push((JSON.parse(payload) as { Records: unknown[] }).Records.length);
        return { kind: 'success', payload: null, requestId: 'ok' };
      },
    },
  });
  const messages: Message[] = Array.from({ length: 20 }, (_, n) => ({
    ...{ MessageId: `m${n}`, ReceiptHandle: `r${n}`, Body: 'x'.repeat(1_000_000) },
  }));
  await delivery.deliver('http://queue', messages);
  expect(events).toEqual([6, 6, 6, 2]);
  expect(deleted).toHaveLength(20);
  expect(delivery.load()).toEqual({ inFlight: 0, pending: 0 });
});
