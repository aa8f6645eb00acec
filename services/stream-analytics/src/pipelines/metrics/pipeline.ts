import {
  EVENT_TYPES,
  type EventType,
  METRICS,
  type MetricDeclaration,
  type MetricName,
} from '@millrace/types';
import { definePipeline } from '../../domain/engine/pipeline.ts';

const BY_TYPE = new Map<EventType, [MetricName, NonNullable<MetricDeclaration['source']>][]>(
  EVENT_TYPES.map((type) => [type, []]),
);
for (const [name, { source }] of Object.entries(METRICS)) {
  if (source) BY_TYPE.get(source.event)?.push([name as MetricName, source]);
}

/** Counts what `METRICS` declares. A new metric is an entry there. */
export const metrics = definePipeline({
  name: 'metrics',
  takes: EVENT_TYPES,
  apply({ event }, work) {
    for (const [name, source] of BY_TYPE.get(event.type) ?? []) {
      for (const observation of source.observe(event))
        work.count(name, event.time, observation as never);
    }
  },
});
