import type { EngineAnswer, KinesisEngine } from '../engines/kinesis.ts';
import type { ShardLimits } from './shard-limits.ts';

/** GetRecords within what a shard gives all its consumers together. */
export interface LimitedReads {
  /** `undefined`: there is nothing to count; the engine answers (and refuses) by itself. */
  getRecords(input: Readonly<Record<string, unknown>>): Promise<EngineAnswer | undefined>;
}

export function createLimitedReads(engine: KinesisEngine, limits: ShardLimits): LimitedReads {
  return {
    async getRecords(input) {
      const iterator = input.ShardIterator;
      const place = typeof iterator === 'string' ? engine.shardOfIterator(iterator) : undefined;
      if (!place) return undefined;
      const { stream, shardId } = place;
      const refusal = limits.read(stream, shardId);
      if (refusal) {
        return { status: 400, body: { __type: refusal.code, message: refusal.message } };
      }
      const answer = await engine.call('GetRecords', input);
      limits.answered(stream, shardId, recordBytes(answer.body.Records));
      return answer;
    },
  };
}

function recordBytes(records: unknown): number {
  if (!Array.isArray(records)) return 0;
  return records.reduce<number>((sum, { Data }: { Data?: string }) => {
    return sum + Buffer.byteLength(Data ?? '', 'base64');
  }, 0);
}
