import { EVENT_TYPES } from '@millrace/types';
import { definePipeline } from '../../domain/engine/pipeline.ts';
import type { Change } from './cleaning.ts';
import { cleanse } from './cleanse.ts';
import { CLEANSING } from './rules.ts';

/** Counting needs no key: which changes there are does not depend on what a person is called then. */
const unnamed = () => 'p_';

/** Counts what cleansing changes, by rule and field. The cleansed events go to the lake by `archiveEvents`. */
export const cleansing = definePipeline({
  name: 'cleansing',
  takes: EVENT_TYPES,
  apply(incoming, work) {
    const { event } = incoming;
    const cleansed = cleanse(incoming, unnamed);
    const outcome =
      'dropped' in cleansed ? 'dropped' : cleansed.changes.length > 0 ? 'changed' : 'clean';
    const type = CLEANSING[event.type].name;
    work.count('cleansing.events', event.time, { by: { type, outcome } });
    const changes = Map.groupBy(cleansed.changes, ({ rule, field }) => `${rule} ${field}`);
    for (const [{ rule, field }, ...again] of changes.values() as Iterable<[Change, ...Change[]]>) {
      const times = 1 + again.length;
      work.count('cleansing.changes', event.time, { by: { rule, field } }, times);
    }
  },
});
