import { definePipeline } from '../../domain/engine/pipeline.ts';
import { cleanse, type Pseudonyms } from '../cleansing/cleanse.ts';
import { decide, type LogEvent } from './decide.ts';

/** Lines hold no names that would have to be made unreadable. */
const NONE: Pseudonyms = (_, text) => text;

/**
 * Counts which lines `archiveEvents` takes to the lake, by service and rule. Lines are judged as they
 * are cleansed, as there.
 */
export const logs = definePipeline({
  name: 'logs',
  takes: ['millrace.log.v1'],
  apply(incoming, work) {
    const cleansed = cleanse(incoming, NONE);
    if ('dropped' in cleansed) return;
    const event = cleansed.event as LogEvent;
    const { decision, rule } = decide(event, incoming.tenant);
    const by = { service: event.data.service, rule, decision };
    work.count('logs.decisions', incoming.event.time, { by });
  },
});
