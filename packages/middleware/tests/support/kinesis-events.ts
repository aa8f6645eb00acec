import { readFileSync } from 'node:fs';
import type { KinesisStreamEvent } from 'aws-lambda';
import { capturedLines } from './captured-lines.ts';

const captured = readFileSync(new URL('../samples/kinesis-event.json', import.meta.url), 'utf8');

/** A captured event. */
export function capturedEvent(): KinesisStreamEvent {
  return JSON.parse(captured);
}

export interface SampleRecord {
  readonly partitionKey: string;
  readonly data: Uint8Array;
}

/** A captured event with other records; sequence numbers 1, 2, 3, … */
export function kinesisEventOf(...records: readonly SampleRecord[]): KinesisStreamEvent {
  const [sample] = capturedEvent().Records;
  if (!sample) throw new TypeError('The sample is empty.');
  return {
    Records: records.map(({ partitionKey, data }, index) => ({
      ...sample,
      eventID: `shardId-000000000006:${index + 1}`,
      kinesis: {
        ...sample.kinesis,
        partitionKey,
        sequenceNumber: String(index + 1),
        data: Buffer.from(data).toString('base64'),
      },
    })),
  };
}

/** Runs it without its log lines. */
export async function quietly<R>(run: () => Promise<R>): Promise<R> {
  let result: [R] | undefined;
  await capturedLines(async () => {
    result = [await run()];
  });
  if (!result) throw new TypeError('Nothing was returned.');
  return result[0];
}
