import { type StreamRecord, streamRecord } from '../../src/triggers/streams/shard-source.ts';

/** Records 1…count of a shard; sequence numbers grow, keys as given. */
export function makeRecords(
  count: number,
  options: { arrivedAt?: number; key?: (index: number) => string; bytes?: number } = {},
): StreamRecord[] {
  return Array.from({ length: count }, (_, index) =>
    streamRecord({
      sequenceNumber: String(index + 1),
      orderingKey: options.key?.(index) ?? 'key',
      arrivedAt: options.arrivedAt ?? 0,
      event: { sequenceNumber: String(index + 1), padding: 'x'.repeat(options.bytes ?? 0) },
    }),
  );
}

export const sequences = (records: readonly StreamRecord[]) =>
  records.map((record) => Number(record.sequenceNumber));
