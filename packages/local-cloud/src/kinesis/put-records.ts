import type { EngineAnswer, KinesisEngine } from '../engines/kinesis.ts';
import {
  isSequenceOfThePast,
  type PutEntry,
  type PutOutcome,
  sizeOf,
} from '../engines/kinesis-writer.ts';
import type { AdmitRecord, RecordRefusal } from './admission.ts';

/** https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html */
const REQUEST_BYTES = 5 * 1024 * 1024;
const RECORD_BYTES = 1024 * 1024;
const RECORDS = 500;
const STREAM_NAME = /^[\w.-]{1,128}$/;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;
const KEY_LENGTH = 256;

type Input = Readonly<Record<string, unknown>>;

/** Stores what `admit` lets in, in order, and tells it as one answer. */
export interface Puts {
  putRecord(input: Input): Promise<EngineAnswer>;
  putRecords(input: Input): Promise<EngineAnswer>;
}

export function createPuts(engine: KinesisEngine, admit: AdmitRecord): Puts {
  async function put(
    operation: 'PutRecord' | 'PutRecords',
    input: Input,
    answer: (outcomes: readonly PutOutcome[]) => EngineAnswer,
  ): Promise<EngineAnswer> {
    const entries = operation === 'PutRecord' ? [input] : input.Records;
    const request = readEntries(input.StreamName, entries);
    // Later records have higher numbers in any case: what they are to follow can only be wrong.
    const before = operation === 'PutRecord' ? input.SequenceNumberForOrdering : undefined;
    const isOrdered = before == null || isSequenceOfThePast(before);
    // What is not of the right shape, the engine refuses in AWS's words.
    if (!request || !isOrdered) return engine.call(operation, input);
    const problem = sizeProblem(request.entries);
    if (problem) return problem;
    const outcomes = await engine.put(request.stream, request.entries, admit);
    // No such stream, or a hash key out of range: it says so.
    return outcomes ? answer(outcomes) : engine.call(operation, input);
  }

  return {
    putRecord: (input) =>
      put('PutRecord', input, ([outcome]) => {
        if (!outcome) throw new Error('A record was put, and nothing said what became of it.');
        return 'refusal' in outcome ? failure(outcome.refusal) : { status: 200, body: outcome };
      }),
    putRecords: (input) => put('PutRecords', input, answerForEach),
  };
}

function answerForEach(outcomes: readonly PutOutcome[]): EngineAnswer {
  const Records = outcomes.map((outcome) =>
    'refusal' in outcome
      ? { ErrorCode: outcome.refusal.code, ErrorMessage: outcome.refusal.message }
      : outcome,
  );
  const FailedRecordCount = outcomes.filter((outcome) => 'refusal' in outcome).length;
  return { status: 200, body: { FailedRecordCount, Records } };
}

function failure({ code, message }: RecordRefusal): EngineAnswer {
  return { status: code === 'InternalFailure' ? 500 : 400, body: { __type: code, message } };
}

function sizeProblem(entries: readonly PutEntry[]): EngineAnswer | undefined {
  const sizes = entries.map(sizeOf);
  const tooLarge = sizes.findIndex((size) => size > RECORD_BYTES);
  if (tooLarge >= 0) {
    return failure({
      code: 'ValidationException',
      message: `Record ${tooLarge} has ${sizes[tooLarge]} bytes of data and partition key: at most ${RECORD_BYTES} are allowed.`,
    });
  }
  const sum = sizes.reduce((total, size) => total + size, 0);
  return sum > REQUEST_BYTES
    ? failure({ code: 'InvalidArgumentException', message: 'Records size exceeds 5 MB limit' })
    : undefined;
}

function readEntries(stream: unknown, entries: unknown) {
  if (typeof stream !== 'string' || !STREAM_NAME.test(stream)) return undefined;
  if (!Array.isArray(entries) || entries.length === 0 || entries.length > RECORDS) return undefined;
  return entries.every(isEntry) ? { stream, entries } : undefined;
}

function isEntry(entry: unknown): entry is PutEntry {
  if (typeof entry !== 'object' || entry === null) return false;
  const { PartitionKey, Data, ExplicitHashKey } = entry as Record<string, unknown>;
  const hash = ExplicitHashKey ?? '0';
  return (
    typeof PartitionKey === 'string' &&
    PartitionKey.length >= 1 &&
    PartitionKey.length <= KEY_LENGTH &&
    isBase64(Data) &&
    typeof hash === 'string' &&
    /^(0|[1-9]\d{0,38})$/.test(hash)
  );
}

/** With its padding, and without bits behind the last byte. */
function isBase64(data: unknown): data is string {
  if (typeof data !== 'string' || data.length % 4 !== 0 || !BASE64.test(data)) return false;
  const end = data.slice(-4);
  return Buffer.from(end, 'base64').toString('base64') === end;
}
