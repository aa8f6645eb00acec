import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import { kinesisHandler } from '@millrace/middleware';
import { lambdaContext, memoryDeadLetters } from '@millrace/middleware/testing';
import type { KinesisStreamEvent, KinesisStreamRecord } from 'aws-lambda';
import type { AnalyticsStore } from '../../services/stream-analytics/src/domain/engine/analytics-store.ts';
import {
  addTo,
  type Cell,
  emptyCells,
} from '../../services/stream-analytics/src/domain/engine/cells.ts';
import { effectsOf } from '../../services/stream-analytics/src/domain/engine/effects.ts';
import { Minutes } from '../../services/stream-analytics/src/domain/engine/identity.ts';
import type { Pacing } from '../../services/stream-analytics/src/domain/engine/pacing.ts';
import type { AnyPipeline } from '../../services/stream-analytics/src/domain/engine/pipeline.ts';
import { processBatch } from '../../services/stream-analytics/src/domain/engine/process-batch.ts';
import { SeenEvents } from '../../services/stream-analytics/src/domain/engine/seen-events.ts';
import { parseJson, readEvent } from '../../services/stream-analytics/src/domain/incoming-event.ts';

const unpaced: Pacing = {
  pause: async () => {},
  random: Math.random,
  hasTimeLeft: () => true,
};

/** What Lambda would hand over. */
export function kinesisEvent(batch: readonly string[], number: number): KinesisStreamEvent {
  return {
    Records: batch.map((data, at): KinesisStreamRecord => {
      const sequenceNumber = String(10 ** 15 + number * 10_000 + at);
      return {
        kinesis: {
          kinesisSchemaVersion: '1.0',
          partitionKey: `key-${at % 100}`,
          sequenceNumber,
          data,
          approximateArrivalTimestamp: Date.parse('2026-11-23T10:00:00Z') / 1000,
        },
        eventSource: 'aws:kinesis',
        eventVersion: '1.0',
        eventID: `shardId-000000000000:${sequenceNumber}`,
        eventName: 'aws:kinesis:record',
        invokeIdentityArn: 'arn:aws:iam::000000000000:role/bench',
        awsRegion: 'us-east-1',
        eventSourceARN: 'arn:aws:kinesis:us-east-1:000000000000:stream/bench',
      };
    }),
  };
}

/** Parses the records and does nothing with them. */
export function parseAlone(event: KinesisStreamEvent): void {
  for (const { kinesis } of event.Records) {
    JSON.parse(Buffer.from(kinesis.data, 'base64').toString());
  }
}

/**
 * Validates the records and adds them up by metric, window and dimensions, as the engine does, but
 * without knowing whether an event was there before and without storing anything.
 */
export function validateAndAdd(event: KinesisStreamEvent, pipeline: AnyPipeline): number {
  const cells = new Map<string, Cell[]>();
  const minutes = new Minutes();
  for (const { kinesis } of event.Records) {
    const { event, tenant } = readEvent(parseJson(Buffer.from(kinesis.data, 'base64')));
    const minute = minutes.at(tenant, event.time);
    const incoming = { event, tenant, arrivedAt: '' };
    for (const one of effectsOf(pipeline, { incoming, minute }, noState).counted) {
      let sums = cells.get(one.group);
      if (!sums) {
        sums = emptyCells(one, tenant, '0');
        cells.set(one.group, sums);
      }
      for (const cell of sums) addTo(cell, one);
    }
  }
  return cells.size;
}

const noState = () => undefined;

/** The function `countEvents` over another store. */
export function ourHandler(pipelines: readonly AnyPipeline[], store: AnalyticsStore) {
  const remembered = pipelines.map((pipeline) => ({ pipeline, seen: new SeenEvents(store) }));
  const handler = kinesisHandler({
    deadLetters: memoryDeadLetters(),
    decode: (data) => readEvent(parseJson(data)),
    processBatch: async (records, _, putAside) => {
      await processBatch(records, { pipelines: remembered, store, pacing: unpaced, putAside });
    },
  });
  return (event: KinesisStreamEvent) => handler(event, lambdaContext('bench'));
}

/** The same work on the same store, a record at a time, as Powertools' BatchProcessor has it. */
export function powertoolsHandler(pipelines: readonly AnyPipeline[], store: AnalyticsStore) {
  const processor = new BatchProcessor(EventType.KinesisDataStreams);
  const remembered = pipelines.map((pipeline) => ({ pipeline, seen: new SeenEvents(store) }));
  const recordHandler = async (raw: KinesisStreamRecord) => {
    const { sequenceNumber, data, approximateArrivalTimestamp } = raw.kinesis;
    const record = {
      shardId: 'shardId-000000000000',
      sequenceNumber,
      arrivedAt: new Date(approximateArrivalTimestamp * 1000).toISOString(),
      arrivedAtMs: approximateArrivalTimestamp * 1000,
      value: readEvent(parseJson(Buffer.from(data, 'base64'))),
    };
    await processBatch([record], {
      pipelines: remembered,
      store,
      pacing: unpaced,
      putAside: (_, cause) => Promise.reject(cause),
    });
  };
  return (event: KinesisStreamEvent) =>
    processPartialResponse(event, recordHandler, processor, {
      context: lambdaContext('bench'),
      processInParallel: false,
    });
}

/** Takes everything and keeps nothing: what is left is the handler's own work. */
export const nowhere: AnalyticsStore = {
  readBlocks: async (places) => places.map(() => undefined),
  readSeen: async () => [],
  readStates: async (keys) => keys.map(() => undefined),
  readDetails: async (keys) => keys.map(() => undefined),
  commit: async () => ({ kind: 'committed' }),
};
