import { PublishCommand } from '@aws-sdk/client-iot-data-plane';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import type { Account } from './account.ts';
import { device, ORDER_TOTAL, orderEvent, picture, reading, TENANT } from './samples.ts';

const SOON = { timeout: 90_000, interval: 250 };
/** Upload keys whose second part is a UUID name the file, as the API makes them. */
const FILE_ID = '0199a0c4-5b1e-7d3a-9c41-0d2f6a7b8c9d';
const LOST_FILE_ID = '0199a0c4-5b1e-7d3a-9c41-0d2f6a7b8c9e';

/** Every trigger of the deployed services, fired from its source and seen in a store. */
export function triggers(account: () => Account): void {
  const upload = async (key: string) =>
    account().s3.send(
      new PutObjectCommand({
        Bucket: account().name('uploads'),
        Key: key,
        Body: await picture(),
        ContentType: 'image/jpeg',
      }),
    );
  const file = (fileId: string) => account().item('files', { tenant: TENANT, fileId });
  const order = (orderId: string) => account().item('orders', { tenant: TENANT, orderId });

  describe('triggers', () => {
    it('S3: an upload goes through its queue, becomes renditions and an item', async () => {
      await upload(`${TENANT}/${FILE_ID}/사진 #1 (50%)+.jpg`);
      await expect.poll(async () => (await file(FILE_ID))?.status, SOON).toBe('ready');
      expect(await account().objectKeys('media', `${TENANT}/${FILE_ID}/`)).toHaveLength(4);
    });

    it('S3: an upload that cannot be recorded waits in the failures queue after its retries', async () => {
      const { functionName, withEnvironment } = account();
      const routeUpload = functionName('file-processing', 'routeUpload');
      await withEnvironment(routeUpload, { FILES_TABLE: 'not-there' }, async () => {
        await upload(`${TENANT}/${LOST_FILE_ID}/a b+c.jpg`);
        await expect
          .poll(() => account().failures('file-processing'), SOON)
          .toMatchObject([
            {
              requestContext: { condition: 'RetriesExhausted' },
              requestPayload: {
                Records: [{ s3: { object: { key: `${TENANT}/${LOST_FILE_ID}/a+b%2Bc.jpg` } } }],
              },
            },
          ]);
      });
      expect(await file(LOST_FILE_ID)).toBeUndefined();
    });

    it('Kinesis: events are counted and orders projected, a duplicate counts once', async () => {
      await account().putEvents(['o-1', 'o-2', 'o-2'].map(orderEvent));
      await expect.poll(() => account().counted(TENANT, 'order'), SOON).toBe(2);
      await expect.poll(async () => (await order('o-2'))?.total, SOON).toBe(ORDER_TOTAL);
    });

    it('DynamoDB Streams: changes of orders and files become Parquet in the lake', async () => {
      for (const table of ['orders', 'files']) {
        await expect
          .poll(() => account().objectKeys('lake', `changes/table=${table}/`), SOON)
          .toContainEqual(expect.stringMatching(/\.parquet$/));
      }
    });

    it('IoT rule: a registered device’s reading is counted and the device reaches the lake', async () => {
      const { name, table, iot, counted, objectKeys } = account();
      await table.send(new PutCommand({ TableName: name('devices'), Item: device }));
      await iot.send(
        new PublishCommand({
          topic: `devices/${device.deviceId}/telemetry`,
          qos: 1,
          payload: Buffer.from(JSON.stringify(reading)),
        }),
      );
      await expect.poll(() => counted(TENANT, 'telemetry'), SOON).toBe(1);
      await expect.poll(() => objectKeys('lake', 'changes/table=devices/'), SOON).not.toEqual([]);
    });

    it('Lambda: a direct invocation answers with a partial batch response', async () => {
      const { functionName, withEnvironment } = account();
      const projectOrders = functionName('stream-analytics', 'projectOrders');
      await withEnvironment(projectOrders, { ORDERS_TABLE: 'not-there' }, async () => {
        expect(await invoke(account(), projectOrders, kinesisEvent('o-direct'))).toEqual({
          batchItemFailures: [{ itemIdentifier: SEQUENCE_NUMBER }],
        });
      });
      expect(await invoke(account(), projectOrders, kinesisEvent('o-direct'))).toEqual({
        batchItemFailures: [],
      });
      expect((await order('o-direct'))?.total).toBe(ORDER_TOTAL);
    });
  });
}

const SEQUENCE_NUMBER = '49668899999999999999999999999999999999999999999999999998';

/** As Lambda gives it: https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html */
function kinesisEvent(orderId: string) {
  return {
    Records: [
      {
        kinesis: {
          kinesisSchemaVersion: '1.0',
          partitionKey: orderId,
          sequenceNumber: SEQUENCE_NUMBER,
          data: Buffer.from(JSON.stringify(orderEvent(orderId))).toString('base64'),
          approximateArrivalTimestamp: 1_795_435_200.123,
        },
        eventSource: 'aws:kinesis',
        eventVersion: '1.0',
        eventID: `shardId-000000000000:${SEQUENCE_NUMBER}`,
        eventName: 'aws:kinesis:record',
        invokeIdentityArn: 'arn:aws:iam::000000000000:role/lambda-role',
        awsRegion: 'us-east-1',
        eventSourceARN: 'arn:aws:kinesis:us-east-1:000000000000:stream/events',
      },
    ],
  };
}

async function invoke(account: Account, FunctionName: string, event: unknown): Promise<unknown> {
  const { FunctionError, Payload } = await account.lambda.send(
    new InvokeCommand({ FunctionName, Payload: JSON.stringify(event) }),
  );
  const answer = Payload?.transformToString() ?? '';
  if (FunctionError !== undefined) throw new Error(`${FunctionName} failed: ${answer}`);
  return JSON.parse(answer);
}
