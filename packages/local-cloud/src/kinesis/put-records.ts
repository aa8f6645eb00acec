import type { EngineAnswer, KinesisEngine } from '../engines/kinesis.ts';
import type { AdmitRecord, RecordRefusal } from './admission.ts';
import { type OpenShard, type ShardMap, shardOf } from './shard-map.ts';

/** https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html */
const REQUEST_BYTES = 5 * 1024 * 1024;
const RECORD_BYTES = 1024 * 1024;

export interface PutEntry {
  readonly PartitionKey: string;
  readonly ExplicitHashKey?: string | null;
  /** Base64. */
  readonly Data: string;
}

/** PutRecord or PutRecords after their JSON was read. */
export interface PutRequest {
  readonly StreamName: string;
  readonly entries: readonly PutEntry[];
}

/**
 * Applies `admit` to what is put; what it lets in is stored, in order, and told as one answer.
 * `undefined`: nothing is refused, and the engine may have the request as it came.
 */
export function createPutGate(options: {
  readonly engine: KinesisEngine;
  readonly shards: ShardMap;
  readonly admit: AdmitRecord;
}): {
  putRecord(request: PutRequest): Promise<EngineAnswer | undefined>;
  putRecords(request: PutRequest): Promise<EngineAnswer | undefined>;
} {
  const { engine, shards, admit } = options;

  async function refusals(request: PutRequest): Promise<(RecordRefusal | undefined)[]> {
    const open = (await shards.shardsOf(request.StreamName)) ?? [];
    return request.entries.map((entry) => refusalOf(request.StreamName, entry, open));
  }

  function refusalOf(
    stream: string,
    entry: PutEntry,
    open: readonly OpenShard[],
  ): RecordRefusal | undefined {
    const { PartitionKey: partitionKey, ExplicitHashKey } = entry;
    const shardId = shardOf(open, partitionKey, ExplicitHashKey ?? undefined);
    // No such stream, or a hash key out of range: the engine says so.
    if (shardId === undefined) return undefined;
    return admit(stream, { partitionKey, shardId, bytes: sizeOf(entry) });
  }

  return {
    async putRecord(request) {
      const problem = sizeProblem(request.entries);
      if (problem) return problem;
      const [refusal] = await refusals(request);
      return refusal && failure(refusal);
    },
    async putRecords(request) {
      const problem = sizeProblem(request.entries);
      if (problem) return problem;
      const refused = await refusals(request);
      if (refused.every((refusal) => refusal === undefined)) return undefined;
      const admitted = request.entries.filter((_, index) => refused[index] === undefined);
      if (admitted.length === 0) return merge(refused, []);
      const Records = admitted;
      const answer = await engine.call('PutRecords', { StreamName: request.StreamName, Records });
      if (answer.status !== 200) return answer;
      return merge(refused, answer.body.Records as readonly unknown[]);
    },
  };
}

/** One answer for each record of the request, in its order. */
function merge(
  refused: readonly (RecordRefusal | undefined)[],
  stored: readonly unknown[],
): EngineAnswer {
  const answers = stored[Symbol.iterator]();
  const Records = refused.map((refusal) =>
    refusal
      ? { ErrorCode: refusal.code, ErrorMessage: refusal.message }
      : (answers.next().value as unknown),
  );
  const FailedRecordCount = refused.filter((refusal) => refusal !== undefined).length;
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

function sizeOf({ Data, PartitionKey }: PutEntry): number {
  return Buffer.byteLength(Data, 'base64') + Buffer.byteLength(PartitionKey);
}

/**
 * The request's records when they are of the right shape; what is not, the engine refuses in AWS's
 * words.
 */
export function readPutRequest(operation: string, input: unknown): PutRequest | undefined {
  if (typeof input !== 'object' || input === null) return undefined;
  const { StreamName, Records } = input as { StreamName?: unknown; Records?: unknown };
  const entries: unknown = operation === 'PutRecord' ? [input] : Records;
  if (typeof StreamName !== 'string' || !Array.isArray(entries)) return undefined;
  return entries.length <= 500 && entries.every(isEntry) ? { StreamName, entries } : undefined;
}

function isEntry(entry: unknown): entry is PutEntry {
  if (typeof entry !== 'object' || entry === null) return false;
  const { PartitionKey, Data, ExplicitHashKey } = entry as Record<string, unknown>;
  const hash = ExplicitHashKey ?? '0';
  return (
    typeof PartitionKey === 'string' &&
    typeof Data === 'string' &&
    typeof hash === 'string' &&
    /^\d{1,39}$/.test(hash)
  );
}
