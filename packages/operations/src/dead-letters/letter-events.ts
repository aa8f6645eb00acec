import { shortName } from './entry.ts';

/** What a letter tells of the record that it holds. */
export interface LetterRecord {
  readonly id: string;
  /** The full name of the function that put it aside. */
  readonly source: string;
  readonly payload: Uint8Array;
  /** ISO 8601. */
  readonly arrivedAt: string | undefined;
  readonly attributes: Readonly<Record<string, string>>;
}

/**
 * The event in which the function had the record: with it, it puts the record aside under the same
 * id again, or processes it as the same event. Undefined for what is no event that could come again.
 */
export function eventOf(letter: LetterRecord): unknown {
  const { eventSourceArn = '' } = letter.attributes;
  const service = eventSourceArn.split(':')[2];
  if (service === 'kinesis') return { Records: [kinesisRecord(letter)] };
  if (service === 'dynamodb') return { Records: [JSON.parse(textOf(letter.payload))] };
  return BY_FUNCTION[shortName(letter.source)]?.(letter);
}

/** Why a letter without an event is none to redrive. */
export function isRedrivable({ source, attributes }: Omit<LetterRecord, 'payload'>): boolean {
  const service = attributes.eventSourceArn?.split(':')[2];
  return service === 'kinesis' || service === 'dynamodb' || shortName(source) in BY_FUNCTION;
}

/** What topic rules select; `approveDevice` is not here: the device that was refused asks again. */
const BY_FUNCTION: Readonly<Record<string, (letter: LetterRecord) => unknown>> = {
  ingestReading: ruleEvent,
  recordResult: ruleEvent,
};

function ruleEvent({ payload, arrivedAt, attributes }: LetterRecord): unknown {
  const { deviceId, commandId, clientId, traceId } = attributes;
  const receivedAt = Date.parse(arrivedAt ?? '');
  const data = Buffer.from(payload).toString('base64');
  return { data, deviceId, commandId, receivedAt, clientId, traceId };
}

/**
 * A user record of an aggregated record comes by itself: its event id has its place behind a slash,
 * `shardId-…:4966…/3`, as the middleware names it, so that it is the same record to its function.
 * https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html (example event)
 */
function kinesisRecord({ id, payload, arrivedAt, attributes }: LetterRecord): unknown {
  const { eventSourceArn = '', partitionKey, sequenceNumber } = attributes;
  return {
    eventID: id,
    eventName: 'aws:kinesis:record',
    eventVersion: '1.0',
    eventSource: 'aws:kinesis',
    eventSourceARN: eventSourceArn,
    awsRegion: eventSourceArn.split(':')[3],
    kinesis: {
      kinesisSchemaVersion: '1.0',
      partitionKey,
      sequenceNumber,
      data: Buffer.from(payload).toString('base64'),
      approximateArrivalTimestamp: Date.parse(arrivedAt ?? '') / 1000,
    },
  };
}

/** What needs order among letters of one function. */
export function orderingKey({ id, attributes }: Pick<LetterRecord, 'id' | 'attributes'>): string {
  return attributes.partitionKey ?? attributes.deviceId ?? id;
}

/** Of a user record of an aggregated record, also of one that was put aside again. */
export function subsequenceOf({ id, attributes }: Pick<LetterRecord, 'id' | 'attributes'>) {
  const text = attributes.subsequenceNumber ?? /\/(\d+)$/.exec(id)?.[1];
  return text === undefined ? undefined : Number(text);
}

const textOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('utf8');
