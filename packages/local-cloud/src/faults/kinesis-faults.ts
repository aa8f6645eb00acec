import type { RecordRefusal } from '../kinesis/admission.ts';
import type { ActivePlan } from './active-plan.ts';
import { draw } from './draw.ts';
import { matchesGlob } from './glob.ts';

/**
 * Refuses records of PutRecords (and PutRecord) as a shard does whose throughput is used up: the
 * others of the request are taken.
 * https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecordsResultEntry.html
 */
export function refuseRecord(
  { plan, seen, counter }: ActivePlan,
  stream: string,
  record: { readonly partitionKey: string; readonly shardId: string; readonly bytes: number },
): RecordRefusal | undefined {
  const entry = plan.kinesis.find((one) => matchesGlob(one.stream, stream));
  if (!entry || entry.putFailure === 0) return undefined;
  const identity = `${record.partitionKey} ${record.bytes}`;
  const time = seen.next(`kinesis ${stream} ${identity}`);
  if (draw(plan.seed, 'put', stream, identity, time) >= entry.putFailure) return undefined;
  counter.add('kinesis', 'putFailure');
  return {
    code: 'ProvisionedThroughputExceededException',
    message: `Rate exceeded for shard ${record.shardId} in stream ${stream} (fault plan, seed ${plan.seed}).`,
  };
}
