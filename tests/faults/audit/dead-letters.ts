import { zstdDecompressSync } from 'node:zlib';
import { type AttributeValue, DeleteItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import type { Run } from '../workload/run.ts';
import { differences, tally } from './compare.ts';
import type { Ledger } from './ledger.ts';

interface Letter {
  readonly source: string;
  readonly id: string;
  readonly code: string;
  readonly payload: string;
  readonly deviceId: string | undefined;
}

/** One letter for each poison input where it belongs, and none for anything else. */
export async function auditDeadLetters(run: Run, ledger: Ledger): Promise<string[]> {
  const [analytics, iot, etl] = await Promise.all(
    ['stream-analytics', 'iot-ingest', 'etl'].map((service) => letters(run, service)),
  );
  return [
    ...differences(
      'dead letter of analytics',
      tally((analytics ?? []).map(({ source, id, code }) => `${source} ${id} ${code}`)),
      tally(poisonRecords(run, ledger)),
    ),
    ...differences(
      'refused message',
      tally((iot ?? []).map(({ deviceId, code, payload }) => `${deviceId} ${code} ${payload}`)),
      tally(run.expected.refusals.map((one) => `${one.deviceId} ${one.code} ${one.payload}`)),
    ),
    ...differences(
      'dead letter of the lake',
      tally((etl ?? []).map(({ code, payload }) => `${code} ${sequenceOf(payload)}`)),
      tally(refusedChanges(run, ledger)),
    ),
  ];
}

/** Those that an audit found right are an operator's to close, before the next run. */
export async function closeDeadLetters(run: Run): Promise<void> {
  for (const service of ['stream-analytics', 'iot-ingest', 'etl']) {
    for (const { pk, sk } of await scan(run, service)) {
      const Key = { pk: pk ?? { S: '' }, sk: sk ?? { S: '' } };
      await run.clients.dynamo.send(new DeleteItemCommand({ TableName: tableOf(service), Key }));
    }
  }
}

/** By the records that really are on the stream: a repeated poison record is a letter of its own. */
function* poisonRecords({ expected }: Run, { events }: Ledger): Generator<string> {
  for (const [shard, records] of events) {
    for (const { SequenceNumber, Data } of records) {
      const text = Buffer.from(Data ?? []).toString('utf8');
      for (const [fn, code] of poisonIn(text, expected.illegal)) {
        yield `millrace-stream-analytics-local-${fn} ${shard}:${SequenceNumber} ${code}`;
      }
    }
  }
}

/** What is malformed is put aside by every function that would take it, for each to be redriven by itself. */
const TAKE_EVERYTHING = ['countEvents', 'archiveEvents'];
const OWN_TYPE = new Map<string | undefined, string>([
  ['millrace.order.v1', 'projectOrders'],
  ['millrace.document.v1', 'indexDocuments'],
]);

function poisonIn(text: string, illegal: ReadonlySet<string>): [fn: string, code: string][] {
  let event: { specversion?: string; type?: string; id?: string; data?: object };
  try {
    event = JSON.parse(text);
  } catch {
    return TAKE_EVERYTHING.map((fn) => [fn, 'event_not_json']);
  }
  if (illegal.has(event.id ?? '')) return [['projectOrders', 'order_transition_illegal']];
  const isWhole = event.specversion !== undefined && Object.keys(event.data ?? {}).length > 0;
  if (isWhole) return [];
  const own = OWN_TYPE.get(event.type);
  return [...TAKE_EVERYTHING, ...(own ? [own] : [])].map((fn) => [fn, 'event_invalid']);
}

function* refusedChanges({ expected }: Run, ledger: Ledger): Generator<string> {
  for (const { dynamodb } of ledger.changes('devices')) {
    const isRepetition = dynamodb?.OldImage !== undefined;
    if (expected.strangers.has(dynamodb?.Keys?.deviceId?.S ?? '') && !isRepetition) {
      yield `item_invalid ${dynamodb?.SequenceNumber}`;
    }
  }
}

function sequenceOf(payload: string): string | undefined {
  const change = JSON.parse(payload) as { dynamodb?: { SequenceNumber?: string } };
  return change.dynamodb?.SequenceNumber;
}

async function letters(run: Run, service: string): Promise<Letter[]> {
  return (await scan(run, service)).map((item) => ({
    source: item.pk?.S ?? '',
    id: item.sk?.S ?? '',
    code: item.reasonCode?.S ?? '',
    payload: zstdDecompressSync(item.payload?.B ?? new Uint8Array()).toString('utf8'),
    deviceId: item.attributes?.M?.deviceId?.S,
  }));
}

const tableOf = (service: string) => `millrace-local-${service}-dead-letters`;

async function scan({ clients }: Run, service: string): Promise<Record<string, AttributeValue>[]> {
  const { Items = [], LastEvaluatedKey } = await clients.dynamo.send(
    new ScanCommand({ TableName: tableOf(service), ConsistentRead: true }),
  );
  if (LastEvaluatedKey) throw new Error('More letters than one run can make.');
  return Items;
}
